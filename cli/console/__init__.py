"""`edsr console`: the suite in the sandbox as pages: look, answer, stop."""
