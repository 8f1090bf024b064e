// What a thing costs in this shop, in euros.

export function price(net) {
  return net;
}
