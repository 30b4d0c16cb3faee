/* 进出存: bars for what came and went, a line for what is left. */
(() => {
  "use strict";
  const place = document.getElementById("flow");
  if (!place || !window.echarts) return;
  const flow = JSON.parse(place.dataset.flow);
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  const bar = (name, data, color) => ({ name, type: "bar", data, itemStyle: { color }, barMaxWidth: 9, barGap: "10%" });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 34, right: 38, top: 30, bottom: 22 },
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { fontSize: 12, color: "#566476" } },
    tooltip: { trigger: "axis", confine: true, textStyle: { fontSize: 12 } },
    xAxis: { type: "category", data: flow.days, axisTick: { show: false }, axisLabel: { fontSize: 11, color: "#8592a3" }, axisLine: { lineStyle: { color: "#dfe4ea" } } },
    yAxis: [
      { type: "value", minInterval: 1, name: "", axisLabel: { fontSize: 11, color: "#8592a3" }, splitLine: { lineStyle: { color: "#edf0f4" } } },
      { type: "value", minInterval: 1, name: "", axisLabel: { fontSize: 11, color: "#8592a3" }, splitLine: { show: false } },
    ],
    series: [
      bar("进", flow.in, "#6fa6de"), bar("决", flow.decided, "#b3c6db"), bar("出", flow.out, "#5cb58a"),
      { name: "存（右轴）", type: "line", yAxisIndex: 1, data: flow.stock, symbol: "none", lineStyle: { color: "#c77700", width: 2 }, itemStyle: { color: "#c77700" } },
    ],
  });
  window.addEventListener("resize", () => chart.resize());
})();
