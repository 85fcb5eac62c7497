"""InfoNCE with two queues: by hand, and what must not count as a negative."""

import math
from dataclasses import replace

import torch

from model.dim2.config import Dim2Config
from model.dim2.contrast import Contrast, Queue, false_negatives, info_nce

CELLS, DRUGS = torch.tensor([0, 1, 0, 2]), torch.tensor([5, 6, 7, 5])


def test_false_negatives_by_hand():
    """Pairs (0, 5), (1, 6), (0, 7), (2, 5); queue: (1, 5), an empty place."""
    mask = false_negatives(
        CELLS, DRUGS, torch.cat([CELLS, torch.tensor([1, -1])]), torch.cat([DRUGS, torch.tensor([5, -1])])
    )
    assert mask.int().tolist() == [
        [0, 0, 1, 1, 1, 1],  # same cell, same drug, same drug in the queue
        [0, 0, 0, 0, 1, 1],  # same cell in the queue
        [1, 0, 0, 0, 0, 1],
        [1, 0, 0, 0, 1, 1],
    ]


def test_info_nce_by_hand():
    """Two pairs of other cells and drugs, one in the queue: −log of the own partner's share, at τ = 1."""
    queue = Queue(2, 2)
    queue.push(torch.tensor([[0.0, -1.0]]), torch.tensor([9]), torch.tensor([9]))
    anchors, others = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    loss = info_nce(anchors, others, queue, torch.tensor([0, 1]), torch.tensor([0, 1]), 1.0)
    e = math.e
    expected = torch.tensor([-math.log(e / (e + e + 1)), -math.log(1 / (1 + 1 + 1 / e))])
    torch.testing.assert_close(loss, expected)


def test_a_false_negative_changes_no_loss_and_without_the_mask_it_does():
    queue, generator = Queue(4, 3), torch.Generator().manual_seed(0)
    anchors, others = (torch.nn.functional.normalize(torch.randn(2, 3, generator=generator), dim=1) for _ in range(2))
    cells, drugs = torch.tensor([0, 1]), torch.tensor([0, 0])  # one drug twice
    loss = info_nce(anchors, others, queue, cells, drugs, 0.1)
    changed = others.clone()
    changed[1] = -others[1]
    assert torch.equal(info_nce(anchors, changed, queue, cells, drugs, 0.1)[0], loss[0])
    apart = torch.tensor([0, 1])
    assert not torch.equal(*(info_nce(anchors, x, queue, cells, apart, 0.1)[0] for x in (others, changed)))


def test_each_side_has_its_own_queue_and_both_are_read():
    config = replace(Dim2Config(), queue=8, projection=4)
    contrast = Contrast(6, 5, config)
    cell, drug, ones = torch.randn(3, 6), torch.randn(3, 5), torch.ones(3)
    contrast(cell, drug, torch.arange(3), torch.arange(3), ones)
    assert not torch.equal(contrast.cell_queue.rows, contrast.drug_queue.rows)
    assert contrast.cell_queue.cells.tolist() == [0, 1, 2, -1, -1, -1, -1, -1]
    for queue in (contrast.cell_queue, contrast.drug_queue):
        kept = {name: buffer.clone() for name, buffer in contrast.state_dict().items()}
        arguments = (cell, drug, torch.arange(10, 13), torch.arange(10, 13), ones)
        before = contrast(*arguments)
        contrast.load_state_dict(kept)
        queue.rows[:3] *= -1
        assert not torch.equal(contrast(*arguments), before)
        contrast.load_state_dict(kept)


def test_a_full_queue_forgets_the_oldest():
    queue = Queue(3, 1)
    for i in range(5):
        queue.push(torch.tensor([[float(i)]]), torch.tensor([i]), torch.tensor([i]))
    assert sorted(queue.cells.tolist()) == [2, 3, 4]
    queue.push(torch.arange(10.0).unsqueeze(1), torch.arange(10), torch.arange(10))
    assert sorted(queue.cells.tolist()) == [7, 8, 9]


def test_a_sample_without_confidence_adds_nothing_and_its_weight_gets_no_gradient():
    contrast = Contrast(6, 5, replace(Dim2Config(), queue=8))
    cell, drug = torch.randn(3, 6, requires_grad=True), torch.randn(3, 5, requires_grad=True)
    confidence = torch.tensor([0.0, 1.0, 1.0], requires_grad=True)
    contrast(cell, drug, torch.tensor([0, 1, 2]), torch.tensor([0, 1, 2]), confidence).backward()
    assert confidence.grad is None
    assert cell.grad[0].abs().sum() > 0  # still a negative of the others
