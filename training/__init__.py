"""The room where the model is made, never loaded by drumwatch itself. A sum has one thread here: the same bytes on any number of cores."""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
