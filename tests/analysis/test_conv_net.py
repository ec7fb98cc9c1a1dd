from __future__ import annotations

import importlib

import numpy as np
import plain_net
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import correlate2d
from sounds import SR, kick

from drumwatch.analysis.features import extract
from drumwatch.analysis.model.conv_net import ConvNets
from drumwatch.analysis.model.log_mel_branch import live_frames
from drumwatch.analysis.model.model_file import SHIPPED, TYPES, blend, load, log_of
from drumwatch.analysis.net_inputs import BANDS, FRAMES, SILENT, net_inputs_of
from drumwatch.analysis.spectrum import analyse


@pytest.mark.parametrize(("size", "stride"), [((3, 3), 1), ((3, 3), 2), ((5, 5), 2), ((1, 7), 2)])
def test_a_convolution_is_what_scipy_calls_one(size, stride):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((8, 12, 2)).astype(np.float32)
    kernel = rng.standard_normal((*size, 2)).astype(np.float32)
    nets = ConvNets({"c_weight": kernel.reshape(1, -1, 1), "c_bias": np.zeros((1, 1, 1), np.float32)})

    plain = sum(correlate2d(x[..., c], kernel[..., c], "same") for c in range(2))
    assert_allclose(nets.conv("c", x[None], size, stride)[0, ..., 0], plain[::stride, ::stride], atol=1e-5)


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4, 7, 8, 63, 64, 65, 100, 123, 124, 125, 126, 127, 128])
def test_only_frames_that_a_sound_reaches_are_computed_and_the_result_is_the_same(frames):
    nets = load(str(SHIPPED)).nets
    log_mel = np.full((BANDS, FRAMES), SILENT, np.float32)
    log_mel[:, :frames] = np.random.default_rng(frames).uniform(0, 1, (BANDS, frames))

    assert live_frames(log_mel) == frames
    assert_allclose(nets.log_mel_branch.run(log_mel), plain_net.log_mel_branch(nets, log_mel), atol=2e-5)


def test_what_is_computed_of_one_sound_is_forgotten_by_the_next():
    nets = load(str(SHIPPED)).nets
    loud, short = np.ones((BANDS, FRAMES), np.float32), np.full((BANDS, FRAMES), SILENT, np.float32)
    short[:, :9] = 0.5
    before = nets.log_mel_branch.run(short)
    nets.log_mel_branch.run(loud)

    assert_array_equal(nets.log_mel_branch.run(short), before)


def test_frames_without_power_are_silent():
    spectrum = analyse(kick(), SR)
    log_mel = net_inputs_of(spectrum).log_mel

    assert 60 < live_frames(log_mel) < FRAMES
    assert (log_mel[:, live_frames(log_mel) :] == SILENT).all()


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
