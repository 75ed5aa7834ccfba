"""control: the kill switch's items come into being with the stack."""
