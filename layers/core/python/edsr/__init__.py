"""What two or more stages share: the words of the product, and the ways to keep its promises."""
