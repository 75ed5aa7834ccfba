"""What is deployed: the synthesized templates keep what the design promises."""
