"""Something a layer offers: its package has no __init__.py."""


def greeting() -> str:
    return "from the layer"
