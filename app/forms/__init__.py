"""Forms: which fields a page sends, and what may be in them. What that means is the services' business."""
