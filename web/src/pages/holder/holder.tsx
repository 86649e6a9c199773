export default function Holder() {
  return null;
}
