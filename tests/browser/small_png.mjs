// A picture of a screen, made small for the documentation: a PNG as browsers write it, with 255
// colours at most. Close ones become one, until they fit.
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunksOf(png) {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const size = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) });
    at += size + 12;
  }
  return chunks;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

// Rows of plain samples, out of rows that are each told by the one above.
function unfiltered(bytes, width, height, step) {
  const row = width * step;
  const plain = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = bytes[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const left = x >= step ? plain[y * row + x - step] : 0;
      const up = y > 0 ? plain[(y - 1) * row + x] : 0;
      const corner = x >= step && y > 0 ? plain[(y - 1) * row + x - step] : 0;
      const more = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      plain[y * row + x] = (bytes[y * (row + 1) + 1 + x] + more) & 255;
    }
  }
  return plain;
}

function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

// The finest grouping of colours that has few enough groups, each shown as its commonest colour.
function paletteOf(pixels, step) {
  for (let bits = 8; bits > 0; bits -= 1) {
    const mask = (0xff << (8 - bits)) & 0xff;
    const keyAt = (at) => ((pixels[at] & mask) << 16) | ((pixels[at + 1] & mask) << 8) | (pixels[at + 2] & mask);
    const groups = new Map();
    for (let at = 0; at < pixels.length; at += step) {
      const key = keyAt(at);
      const color = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
      const group = groups.get(key) ?? groups.set(key, new Map()).get(key);
      group.set(color, (group.get(color) ?? 0) + 1);
      if (groups.size > 255) break;
    }
    if (groups.size > 255) continue;
    const places = new Map([...groups.keys()].map((key, place) => [key, place]));
    const colors = [...groups.values()].map((group) => [...group].sort((a, b) => b[1] - a[1])[0][0]);
    return { colors, placeAt: (at) => places.get(keyAt(at)) };
  }
  throw new Error("no picture has so many colours");
}

export function smallPng(png) {
  const chunks = chunksOf(png);
  const head = chunks.find((one) => one.type === "IHDR").data;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const step = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || !step || head[12] !== 0) throw new Error("a PNG of a kind that browsers do not write");
  const packed = Buffer.concat(chunks.filter((one) => one.type === "IDAT").map((one) => one.data));
  const pixels = unfiltered(inflateSync(packed), width, height, step);
  const palette = paletteOf(pixels, step);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = palette.placeAt((y * width + x) * step);
  }
  const newHead = Buffer.from(head);
  newHead[9] = 3;
  const colors = Buffer.from(palette.colors.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([SIGNATURE, chunk("IHDR", newHead), chunk("PLTE", colors), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
