import { Link } from "wouter";
import { Mark } from "../parts/mark.tsx";
import classes from "./shell.module.css";

export function Brand() {
  return (
    <Link href="/" className={classes.brand}>
      <Mark />
      Claude Relay
    </Link>
  );
}
