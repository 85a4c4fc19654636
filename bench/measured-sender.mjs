// The sender, which writes down what it has taken.
import "./usage.cjs";
import "sendoff/sender";
