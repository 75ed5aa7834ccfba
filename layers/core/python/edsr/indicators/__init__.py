"""The measures M1 to M10: what each says and aims at, and how it is told from the audit, by whoever asks."""
