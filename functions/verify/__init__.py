"""verify: independent eyes on what was done; reads only, and never imports act."""
