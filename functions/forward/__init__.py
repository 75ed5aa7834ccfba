"""forward: what comes over no bus, SNS messages and log lines, becomes events on the bus `edsr`."""
