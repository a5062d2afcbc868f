// The styles that the page offers; the API takes others as well.

export const STYLES = ["painting", "watercolour", "album art", "pencil sketch", "pixel art", "poster"];
