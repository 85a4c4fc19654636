// The sender, which writes down what it has taken.
require("./usage.cjs");
require("sendoff/sender");
