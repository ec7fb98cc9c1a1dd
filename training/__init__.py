"""Trains the shipped model; never imported by drumwatch. Sums use one thread, so that any number of cores gives the same bytes."""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
