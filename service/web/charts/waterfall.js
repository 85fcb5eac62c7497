/** All lines from the most sensitive to the least, a bar each, around the drug's threshold. */

import { svg } from "../elements.js";
import { figure } from "./figure.js";
import { linear, room, verticalAxis } from "./scale.js";

const HEIGHT = 260;

/**
 * @param {{title: string, name: string, label: string, base: number, threshold: boolean, bars: {value: number, text: string, choose: () => void}[]}} options
 */
export function waterfallChart({ title, name, label, base, threshold, bars }) {
  const ordered = [...bars].sort((a, b) => a.value - b.value);
  const values = ordered.map((bar) => bar.value);
  const y = linear([Math.min(base, values[0]), Math.max(base, values[values.length - 1])], [HEIGHT - 24, 12]);
  const { width } = room();
  const x = linear([0, ordered.length], [80, width - 12]);
  const wide = Math.max(0.6, x(1) - x(0) - 0.2);
  const drawn = ordered.map((bar, i) =>
    svg(
      "rect",
      {
        class: threshold && bar.value <= base ? "c1" : "c0",
        x: x(i),
        width: wide,
        y: Math.min(y(bar.value), y(base)),
        height: Math.max(0.5, Math.abs(y(bar.value) - y(base))),
        click: bar.choose,
      },
      svg("title", {}, bar.text),
    ),
  );
  const below = values.filter((value) => value <= base).length;
  const describe = threshold
    ? `${below} of ${values.length} lines are predicted below the drug's threshold, where the bars begin.`
    : "The bars begin at 1 µM: a new compound has no measured threshold.";
  return figure(
    { title, name, width, height: HEIGHT, describe, note: describe },
    verticalAxis(y, { left: 80, right: width - 12, label, log: true }),
    drawn,
  );
}
