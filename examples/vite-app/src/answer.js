export const answer = "Not a moment longer.";
