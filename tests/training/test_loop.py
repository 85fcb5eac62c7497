"""The training loop: when it ends, what it keeps, and that a stopped run goes on to the same end."""

import pytest
import torch

from training.loop import CheckpointError, Trainer


class Line(Trainer):
    """y = w · x with a random batch an epoch; validation gives the values of `script` in turn."""

    def __init__(self, script, seed=0, **schedule):
        super().__init__(seed, "cpu", **{"epochs": 10, "patience": 3, **schedule})
        self.network = torch.nn.Linear(2, 1)
        self.optimiser = torch.optim.Adam(self.network.parameters())
        self.script, self.drawn = script, []

    def run_epoch(self):
        x = torch.randn(8, 2, generator=self.generator) + torch.rand(1)  # of the run's generator and of torch's own
        self.optimiser.zero_grad()
        loss = (self.network(x) - x.sum(1, keepdim=True)).square().mean()
        loss.backward()
        self.optimiser.step()
        self.drawn.append(float(x.sum()))
        return float(loss.detach())

    def validate(self):
        value = self.script[len(self.history)]
        self.record({"auprc": value}, value, share=len(self.history) / 10)
        return {"auprc": value}

    def parts(self):
        return {"network": self.network, "optimiser": self.optimiser}

    def weights(self):
        return {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}

    def extra_state(self):
        return {"drawn": self.drawn}

    def load_extra_state(self, content):
        self.drawn = content["drawn"]


@pytest.mark.parametrize(
    ("script", "schedule", "epochs", "best"),
    [
        ([0.1, 0.2, 0.2, 0.1, 0.2], {}, 5, 2),  # an equal value is no better one
        ([0.1, 0.2, 0.3, 0.4], {"epochs": 4}, 4, 4),
        ([0.5, 0.1], {"evaluate_every": 2}, 5, 2),
        ([0.1, 0.2, 0.3], {"epochs": 5, "evaluate_every": 2, "patience": 9}, 5, 5),  # the last epoch is measured too
    ],
)
def test_epochs_end_with_the_patience_or_their_number(script, schedule, epochs, best):
    trainer = Line([*script, *[0.0] * 9], **schedule)
    shown = []
    trainer.train(trainer.validate, None, lambda epoch, numbers: shown.append((epoch, set(numbers))))
    assert (trainer.epoch, trainer.best.epoch) == (epochs, best)
    assert trainer.best.figures == {"share": [row["epoch"] for row in trainer.history].index(best) / 10}
    assert shown == [(row["epoch"], {"loss", "auprc"}) for row in trainer.history]


def test_without_validation_all_epochs_run_and_nothing_is_best():
    trainer = Line([])
    trainer.train(None, None, None)
    assert (trainer.epoch, trainer.history) == (10, [])
    with pytest.raises(ValueError, match="no validation of 10 epochs gave a finite number: lower learning_rate"):
        trainer.best_state()


def test_validations_that_give_no_number_are_never_the_best():
    trainer = Line([float("nan")] * 9)
    trainer.train(trainer.validate, None, None)
    assert trainer.epoch == 3
    with pytest.raises(ValueError, match="no validation of 3 epochs"):
        trainer.best_state()


@pytest.mark.parametrize("killed_at", [1, 4, 6])
def test_a_stopped_run_ends_like_a_whole_one(tmp_path, killed_at):
    class StoppedError(Exception):
        pass

    def stop(epoch, _):
        if epoch == killed_at:
            raise StoppedError

    script, path = [0.1, 0.3, 0.2, 0.4, 0.1, 0.2, 0.1], tmp_path / "checkpoint.pt"
    whole = Line(script)
    whole.train(whole.validate, None, None)
    stopped = Line(script)
    with pytest.raises(StoppedError):
        stopped.train(stopped.validate, path, stop)
    torch.rand(5)
    resumed = Line(script, seed=1)
    resumed.train(resumed.validate, path, None)
    assert resumed.drawn == whole.drawn
    assert resumed.history == whole.history
    assert (resumed.best.epoch, resumed.best.value, resumed.best.figures) == (4, 0.4, {"share": 0.3})
    assert resumed.best.state.keys() == whole.best.state.keys()
    assert all(torch.equal(tensor, whole.best.state[name]) for name, tensor in resumed.best.state.items())
    assert all(torch.equal(tensor, whole.weights()[name]) for name, tensor in resumed.weights().items())
    assert resumed.seconds > stopped.seconds
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_of_another_version_is_refused_by_name(tmp_path):
    trainer, path = Line([0.1] * 9), tmp_path / "checkpoint.pt"
    torch.save({"epoch": 3, "network": trainer.network.state_dict()}, path)
    with pytest.raises(CheckpointError, match=r"checkpoint.pt: written by another version; delete it"):
        trainer.train(trainer.validate, path, None)
