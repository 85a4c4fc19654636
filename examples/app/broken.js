import { createCart } from "./cart.js";
import { discount } from "./discount.js";

discount(createCart());
