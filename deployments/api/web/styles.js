// The styles that the page offers; the API takes others as well.

export const STYLES = [
  "painting",
  "watercolour",
  "poster",
  "album art",
  "photograph",
  "pencil sketch",
  "lino cut",
  "risograph",
  "collage",
  "neon",
  "pixel art",
];
