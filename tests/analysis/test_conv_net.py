from __future__ import annotations

import importlib

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import correlate2d
from sounds import SR, kick

from drumwatch.analysis.features import extract
from drumwatch.analysis.model.conv_net import ConvNets, halved
from drumwatch.analysis.model.model_file import SHIPPED, TYPES, blend, load, log_of
from drumwatch.analysis.net_inputs import net_inputs_of
from drumwatch.analysis.spectrum import analyse


@pytest.mark.parametrize(("size", "stride"), [((3, 3), 1), ((3, 3), 2), ((5, 5), 2), ((1, 7), 2)])
def test_a_convolution_is_what_scipy_calls_one(size, stride):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((8, 12, 2)).astype(np.float32)
    kernel = rng.standard_normal((*size, 2)).astype(np.float32)
    nets = ConvNets({"c_weight": kernel.reshape(1, -1, 1), "c_bias": np.zeros((1, 1, 1), np.float32)})

    plain = sum(correlate2d(x[..., c], kernel[..., c], "same") for c in range(2))
    assert_allclose(nets.conv("c", x[None], size, stride)[0, ..., 0], plain[::stride, ::stride], atol=1e-5)


def test_halving_is_a_mean_over_squares():
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)

    assert_allclose(halved(x)[0, ..., 0], [[2.5, 4.5], [10.5, 12.5]])


def test_our_net_gives_the_probabilities_of_pytorch():
    torch = pytest.importorskip("torch")
    torch_net = importlib.import_module("training.net")

    torch.manual_seed(0)
    net = torch_net.TorchNet()
    spectrum = analyse(kick(), SR)
    views = net_inputs_of(spectrum)
    x = extract(spectrum, views.lines)
    inputs = [torch.from_numpy(part)[None] for part in (views.log_mel, views.lines, views.onset)]
    with torch.no_grad():
        net.train()(*(torch.rand(32, *part.shape[1:]) for part in inputs), torch.randn(32, len(x)))
        result = torch.softmax(net.eval()(*inputs, torch.from_numpy(np.clip(x, -5, 5))[None]), 1)[0].numpy()
    layers = torch_net.to_arrays(net, np.zeros_like(x), np.ones_like(x))
    nets = ConvNets.of({f"net0_{name}": array for name, array in layers.items()}, 1)

    assert_allclose(nets.predict(views, x)[0], result, atol=2e-4)  # weights are stored in half precision


def test_nets_side_by_side_give_what_each_gives_alone():
    loaded = load(str(SHIPPED))
    spectrum = analyse(kick(), SR)
    views = net_inputs_of(spectrum)
    x = extract(spectrum, views.lines)
    together = loaded.nets.predict(views, x)

    for number, result in enumerate(together):
        alone = ConvNets({name: array[number : number + 1] for name, array in loaded.nets.arrays.items()})
        assert_allclose(alone.predict(views, x)[0], result, atol=1e-5)


def test_feature_vectors_end_with_the_net_log_probabilities():
    loaded = load(str(SHIPPED))
    spectrum = analyse(kick(), SR)
    views = net_inputs_of(spectrum)
    evidence = loaded.feature_vector(views, extract(spectrum, views.lines))

    assert evidence.shape == (len(loaded.card["features"]),)
    assert TYPES[int(evidence[-len(TYPES) :].argmax())] == "kick"


def test_blending_goes_from_the_trees_to_the_nets():
    trees, net_log_p = np.array([0.9, 0.1], np.float32), log_of(np.array([0.1, 0.9], np.float32))

    assert_allclose(blend(trees, net_log_p, 0.0), trees, atol=2e-3)
    assert_allclose(blend(trees, net_log_p, 0.5), [0.5, 0.5], atol=2e-3)
    assert_allclose(blend(trees, net_log_p, 1.0), [0.1, 0.9], atol=2e-3)
