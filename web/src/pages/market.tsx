// The market as a map, what is hit, and how much and how fast it takes orders.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Gateway, items, picture, type Server } from "../live";
import { Card, Table, useLook, Waiting } from "../parts";
import { changesOf, follow, type Gap, gapsOf, type Series, series, throughputOf } from "../series";
import { State, tradingState, who, word } from "../states";
import { language, said, spanOf, t, timeOf } from "../words";

const number = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(1));

export function Market() {
  const now = picture.value;
  if (!now) return <Waiting for={null} />;
  const facts = now.facts ?? {};
  return (
    <>
      <Map gateways={now.gateways ?? []} servers={now.servers ?? []} leader={now.leader} />
      <Card title={t("facts")}>
        <dl class="tiles">
          <div><dt>{t("can_trade")}</dt><dd><State of={tradingState(facts.trading_state)} /></dd></div>
          <div><dt>{t("members_hit")}</dt><dd>{facts.members_hit_count ?? t("unknown")} / {facts.members_total ?? t("unknown")}</dd></div>
          <div><dt>{t("instruments_hit")}</dt><dd>{facts.instruments_hit_count ?? t("unknown")} / {facts.instruments_total ?? t("unknown")}</dd></div>
          <div><dt>{t("orders_in_flight")}</dt><dd>{facts.orders_in_flight ?? t("unknown")}</dd></div>
          <div><dt>{t("time")}</dt><dd class="digits">{timeOf(now.at_ns)}</dd></div>
        </dl>
      </Card>
      <Card title={t("gateways")}>
        <Table label={t("gateways")} heads={["gateway", "state", "serving", "acknowledged", "median", "orders", "answers"]}
          rows={(now.gateways ?? []).map((one) => [one.gateway, <State of={one.state} />,
            one.serving ? t("yes") : t("no"), `${number(one.acknowledged_ms)} ms`, `${number(one.median_ms)} ms`, one.orders, one.answers])} />
      </Card>
      <Graphs />
    </>
  );
}

function Place(props: { name: string; state: string; more: string; isLeader?: boolean }) {
  return (
    <li class={props.isLeader ? "place lead" : "place"}>
      <strong>{props.name}</strong> <State of={props.state} /><br /><small>{props.more}</small>
    </li>
  );
}

// From members to the feed, in the way of an order.
function Map(props: { gateways: Gateway[]; servers: Server[]; leader: number }) {
  return (
    <Card title={t("market_map")}>
      <div class="map">
        <section><h3>{t("gateways")}</h3>
          <ul>{props.gateways.map((one) => (
            <Place key={one.gateway} name={`${t("gateway")} ${one.gateway}`} state={one.state}
              more={one.serving ? `${t("serving")} ${number(one.acknowledged_ms)} ms` : t("not_serving")} />))}</ul>
        </section>
        <span class="arrow" aria-hidden="true">→</span>
        <section><h3>{t("servers")}</h3>
          <ul>{props.servers.map((one) => (
            <Place key={one.node} name={`${t("server")} ${one.node}`} state={one.state} isLeader={one.node === props.leader && one.state === "alive"}
              more={one.node === props.leader ? t("leader") : `${t("lag")} ${spanOf(one.lag_ms)}`} />))}</ul>
          {props.leader === 0 && <p class="late">{t("leader")}: {t("nobody")}</p>}
        </section>
      </div>
    </Card>
  );
}

// When somebody ordered halts: a market that takes no order by intention is no gap to look for.
const stops = signal<{ at_ns: number; words: string }[]>([]);

function Graphs() {
  useEffect(follow, []);
  const halts = useLook<{ items: { ordered_ns: number; scope: string; target: string; state: string; by: string }[] }>("/halts");
  stops.value = halts && typeof halts !== "string" ? halts.items.map((one) => (
    { at_ns: one.ordered_ns, words: `${t(`scope_${one.scope}` as "scope_market")} ${one.target} ${word(one.state)} (${who(one.by)})` })) : [];
  const all = series.value;
  const gaps = all ? gapsOf(all) : [];
  const gapWords = (gap: Gap) => `${t("longest_gap")}: ${seconds(gap)} s (${timeOf(gap.from_ns)} – ${timeOf(gap.to_ns)})`;
  const seconds = (gap: Gap) => ((gap.to_ns - gap.from_ns) / 1e9).toFixed(2);
  return (
    <>
      <Card title={t("throughput")}>
        <Graph label={t("throughput")} lines={(from) => [throughputOf(from)]} names={() => [t("throughput_line")]} />
      </Card>
      <Card title={t("latency")}>
        <Graph label={t("latency")} lines={(from) => from.gateways.map((one) => one.acknowledged_ms)}
          names={(from) => from.gateways.map((one) => `${t("gateway")} ${one.gateway}`)} />
        <p class="quiet">{t("graph_gap")}</p>
        {stops.value.slice(-3).reverse().map((one) => <p key={one.at_ns}><span class="swatch stop" aria-hidden="true" /> {timeOf(one.at_ns)} {t("halt")}: {one.words}</p>)}
        <FailOvers all={all} />
        <p role="status">{gaps[0] ? gapWords(gaps[0]) : t("no_gap")}</p>
      </Card>
    </>
  );
}

const serverName = (node: number): string => (node ? `${t("server")} ${node}` : t("nobody"));

// What the canary measured at each take-over: finer than the graph's samples.
function FailOvers(props: { all: Series | null }) {
  const seen = items.value.filter((one) => one.kind === "evidence.canary.fail_over_observed").slice(-4).reverse();
  const changes = props.all ? changesOf(props.all) : [];
  return (
    <>
      {changes.map((one) => <p key={one.at_ns}><span class="swatch" aria-hidden="true" /> {timeOf(one.at_ns)} {t("leader_changed")}: {serverName(one.from)} → {serverName(one.to)}</p>)}
      {seen.length > 0 && <details><summary>{t("fail_overs_measured")} {seen.length}</summary><ul>{seen.map((one) => <li key={one.number}>{timeOf(one.at_ns)} {said(one.words)}</li>)}</ul></details>}
    </>
  );
}

type Lines = { label: string; lines: (from: Series) => (number | null)[][]; names: (from: Series) => string[] };

// Bands where nobody acknowledged anything.
function drawGaps(plot: uPlot): void {
  if (!series.value) return;
  plot.ctx.fillStyle = "rgba(200,60,60,0.35)";
  for (const gap of gapsOf(series.value)) {
    const left = plot.valToPos(gap.from_ns / 1e9, "x", true);
    const right = plot.valToPos(gap.to_ns / 1e9, "x", true);
    plot.ctx.fillRect(left, plot.bbox.top, Math.max(2, right - left), plot.bbox.height);
  }
  plot.ctx.fillStyle = "rgba(255,206,107,0.9)";
  for (const stop of stops.value) {
    if (stop.at_ns < series.value.at_ns[0]!) continue;
    plot.ctx.fillRect(plot.valToPos(stop.at_ns / 1e9, "x", true) - 1, plot.bbox.top, 3, plot.bbox.height);
  }
  plot.ctx.fillStyle = "rgba(212,119,212,0.9)";
  for (const change of changesOf(series.value)) {
    plot.ctx.fillRect(plot.valToPos(change.at_ns / 1e9, "x", true) - 1, plot.bbox.top, 3, plot.bbox.height);
  }
}

function Graph(props: Lines) {
  const place = useRef<HTMLDivElement>(null);
  const spoken = language.value;
  useEffect(() => {
    const colors = ["#4a9eff", "#ffb13d", "#58c27d", "#d477d4"];
    let plot: uPlot | null = null;
    const stop = effect(() => {
      const all = series.value;
      if (!all || !place.current) return;
      const lines = props.lines(all);
      const data = [all.at_ns.map((at) => at / 1e9), ...lines] as uPlot.AlignedData;
      if (plot && plot.series.length === lines.length + 1) {
        plot.setData(data);
        return;
      }
      plot?.destroy();
      // Asked at each drawing: the colours change with the time of day.
      const ink = () => getComputedStyle(document.body).color;
      const axis = { stroke: ink, grid: { stroke: "rgba(128,128,128,0.25)" }, font: "14px system-ui" };
      plot = new uPlot({
        width: place.current.clientWidth, height: 240, legend: { live: false },
        axes: [{ ...axis, space: 110, values: (_, values) => values.map((at) => timeOf(at * 1e9)) }, { ...axis, size: 64 }],
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        series: [{ label: t("time") }, ...props.names(all).map((name, index) => ({ label: name, stroke: colors[index % colors.length]!, width: 2, points: { show: false } }))],
        hooks: { drawClear: [drawGaps] },
      }, data, place.current);
    });
    const night = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => plot?.redraw();
    night.addEventListener("change", repaint);
    const resized = new ResizeObserver(() => { if (place.current) plot?.setSize({ width: place.current.clientWidth, height: 240 }); });
    if (place.current) resized.observe(place.current);
    return () => { stop(); resized.disconnect(); night.removeEventListener("change", repaint); plot?.destroy(); };
  }, [spoken]);
  return <div ref={place} class="graph" role="img" aria-label={props.label} />;
}
