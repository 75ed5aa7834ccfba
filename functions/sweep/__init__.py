"""sweep: what a crash left behind is taken up again, or ended with a person told."""
