"""`edsr cost`: what one remediation and one month come to, item by item, by list prices that are dated."""
