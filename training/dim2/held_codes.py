"""Codes that are computed once and read for several steps, while their gradients gather."""

from torch import Tensor


class HeldCodes:
    """Codes of an encoder, held: a step reads `leaf`, and `gathered` passes on what reached it since.

    With one step that equals the gradient without holding. Shapes: codes and leaf (n, width).
    """

    def __init__(self, codes: Tensor) -> None:
        self.codes = codes
        self.leaf = codes.detach().requires_grad_()

    def gathered(self, steps: int) -> Tensor:
        """A loss whose gradient at the encoder is the mean of those that `steps` steps left on `leaf`. Shape: ()."""
        if self.leaf.grad is None:
            return self.codes.new_zeros(())
        return (self.codes * (self.leaf.grad / steps)).sum()
