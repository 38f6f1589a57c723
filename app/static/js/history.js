/** The version history by the reader's own days; the server, which does not know their zone, sends days in UTC. */

import { localise } from "./time.js";

const timeline = document.getElementById("timeline");

/** @param {Date} when */
const dayOf = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate());

const sections = [...timeline.querySelectorAll(".day")];
if (sections.length) {
  const days = new Map();
  for (const item of timeline.querySelectorAll("[data-when]")) {
    const day = dayOf(new Date(item.dataset.when));
    if (!days.has(day.getTime())) days.set(day.getTime(), []);
    days.get(day.getTime()).push(item);
  }
  const blank = sections[0].cloneNode(true);
  timeline.replaceChildren(
    ...[...days].map(([day, items]) => {
      const section = blank.cloneNode(true);
      section.querySelector("time[data-day]").dateTime = new Date(day).toISOString();
      section.querySelector("ol").replaceChildren(...items);
      return section;
    }),
  );
  localise(timeline);
}
