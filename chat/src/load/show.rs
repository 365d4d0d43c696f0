//! A [`Report`] for people and for programs. All three forms have the same figures, and none of them
//! has any of performance if this side was the bottleneck. Where it was late on a core that the server
//! may use too, all have them, and say so.

use std::fmt::Write;

use serde_json::{Value, json};

use super::layout::Layout;
use super::{Gathering, Load, Report, Run, ServerCost, Trust};

/// A report, and what it is the report of.
#[derive(Clone, Copy, Debug)]
pub struct Show<'a> {
    /// Who came together.
    pub plan: &'a Gathering,
    /// What they did.
    pub run: &'a Run,
    /// What it has shown.
    pub report: &'a Report,
}

impl Show<'_> {
    /// For people.
    pub fn text(&self) -> String {
        let Self { plan, run, report } = self;
        let mut text = String::new();
        let mut row = |name: &str, what: String| {
            writeln!(text, "{name:<11} {what}").expect("a string takes everything");
        };
        let how = match run.load {
            Load::Closed => "closed loop".to_owned(),
            Load::Open { deliveries_per_second } => {
                format!("open loop at {} deliveries/s", whole(deliveries_per_second))
            }
        };
        row(
            "load",
            format!(
                "{} clients in rooms of {}, {how}, texts of {} bytes, {:.1} s measured",
                plan.clients, plan.room_size, run.text_bytes, report.seconds
            ),
        );
        row("messages", self.messages());
        if let Some(line) = &report.first_corrupt {
            row("corrupt", format!("the first as it came: {line}"));
        }
        match &report.trust {
            Trust::Fine | Trust::Shared(_) => {
                row("throughput", format!("{} deliveries/s", whole(report.deliveries_per_second)));
                row("latency", self.latency());
                row("server", server(report.server.as_ref(), run.server.is_some()));
            }
            Trust::Bottleneck(known) => row(
                "no figures",
                format!("this generator was the bottleneck, not the server: {known}"),
            ),
        }
        if let Trust::Shared(how) = &report.trust {
            let why =
                "server and generator may share a core, so the latency may hold the wait for it";
            let advice = "keep them on cores of their own";
            let show = if run.server.is_some() { "" } else { ", and give --pid to show it" };
            row("warning", format!("{why}: {how}; {advice}{show}"));
        }
        let own = &report.generator;
        let mut cost = format!("{:.2} cores", own.cores_used);
        if run.load != Load::Closed {
            let [mean, p99, max] = [own.late_mean_us, own.late_p99_us, own.late_max_us].map(time);
            write!(cost, "; its own lateness: mean {mean}, p99 {p99}, max {max}")
                .expect("a string takes everything");
        }
        row("generator", cost);
        if let Some(slow) = &report.slow {
            let closed = slow.closed_by_server;
            row("slow", format!("{} readers; closed by the server: {closed}", slow.readers));
        }
        if let Some(visitors) = &report.visitors {
            let why = visitors.first_failure.as_deref();
            let why = why.map_or(String::new(), |why| format!("; the first: {why}"));
            let (completed, failed) = (visitors.completed, visitors.failed);
            row("visitors", format!("{completed} came and went, {failed} failed{why}"));
        }
        text
    }

    /// One object.
    pub fn json(&self) -> String {
        let pair = |(name, value): &(&str, Value)| format!("  {}: {value}", json!(name));
        let pairs: Vec<String> = self.fields().iter().map(pair).collect();
        format!("{{\n{}\n}}\n", pairs.join(",\n"))
    }

    /// A line of names and a line of values, comma-separated, as RFC 4180 has it.
    pub fn csv(&self) -> String {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            other => other.to_string(),
        };
        let (names, values): (Vec<&str>, Vec<String>) =
            self.fields().iter().map(|(name, value)| (*name, cell(value))).unzip();
        format!("{}\r\n{}\r\n", names.join(","), values.join(","))
    }

    fn messages(&self) -> String {
        let Report { sent, due, delivered, .. } = self.report;
        let counts = format!("{sent} sent, {due} due, {delivered} delivered: ");
        if self.report.is_correct() {
            return counts + "each once, in order, unchanged";
        }
        let Report { lost, duplicated, reordered, corrupt, .. } = self.report;
        format!(
            "{counts}{lost} LOST, {duplicated} DUPLICATED, {reordered} REORDERED, {corrupt} CORRUPT"
        )
    }

    fn latency(&self) -> String {
        let it = &self.report.latency;
        let [p50, p90, p99, p999, max] =
            [it.p50_us, it.p90_us, it.p99_us, it.p999_us, it.max_us].map(time);
        let from = match self.run.load {
            Load::Closed => "from the send, as a closed loop has no other time",
            Load::Open { .. } => "from the intended send time",
        };
        format!("p50 {p50}, p90 {p90}, p99 {p99}, p99.9 {p999}, max {max} ({from})")
    }

    /// Names and values, in the order to show.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let Self { plan, run, report } = self;
        let (bottleneck, late) = match &report.trust {
            Trust::Fine => (Value::Null, Value::Null),
            Trust::Shared(how) => (Value::Null, json!(how)),
            Trust::Bottleneck(known) => (json!(known), Value::Null),
        };
        let has_figures = bottleneck.is_null();
        let figure = |value: f64| if has_figures { json!(value) } else { Value::Null };
        let (kind, rate) = match run.load {
            Load::Closed => ("closed", Value::Null),
            Load::Open { deliveries_per_second } => ("open", json!(deliveries_per_second)),
        };
        let it = &report.latency;
        let rooms = Layout::new(plan).map_or(0, |layout| layout.rooms.len());
        let mut fields = vec![
            ("server", json!(plan.addr.to_string())),
            ("clients", json!(plan.clients)),
            ("rooms", json!(rooms)),
            ("room_size", json!(plan.room_size)),
            ("loop", json!(kind)),
            ("asked_deliveries_per_second", rate),
            ("text_bytes", json!(run.text_bytes)),
            ("seconds", json!(report.seconds)),
            ("sent", json!(report.sent)),
            ("due", json!(report.due)),
            ("delivered", json!(report.delivered)),
            ("lost", json!(report.lost)),
            ("duplicated", json!(report.duplicated)),
            ("reordered", json!(report.reordered)),
            ("corrupt", json!(report.corrupt)),
            ("first_corrupt", json!(report.first_corrupt)),
            ("generator_was_the_bottleneck", bottleneck),
            ("generator_was_late_on_a_shared_core", late),
            ("deliveries_per_second", figure(report.deliveries_per_second)),
            ("latency_p50_us", figure(it.p50_us)),
            ("latency_p90_us", figure(it.p90_us)),
            ("latency_p99_us", figure(it.p99_us)),
            ("latency_p999_us", figure(it.p999_us)),
            ("latency_max_us", figure(it.max_us)),
            ("latency_mean_us", figure(it.mean_us)),
        ];
        fields.extend(server_fields(report.server.as_ref().filter(|_| has_figures)));
        let own = &report.generator;
        let slow = report.slow.as_ref();
        let visitors = report.visitors.as_ref();
        fields.extend([
            ("generator_cores_used", json!(own.cores_used)),
            ("generator_late_mean_us", json!(own.late_mean_us)),
            ("generator_late_p99_us", json!(own.late_p99_us)),
            ("generator_late_max_us", json!(own.late_max_us)),
            ("slow_readers", json!(slow.map_or(0, |slow| slow.readers))),
            ("slow_closed_by_server", json!(slow.map_or(0, |slow| slow.closed_by_server))),
            ("visitors_completed", json!(visitors.map_or(0, |visitors| visitors.completed))),
            ("visitors_failed", json!(visitors.map_or(0, |visitors| visitors.failed))),
        ]);
        fields
    }
}

/// The server's part of the fields; null where it is not known.
fn server_fields(cost: Option<&ServerCost>) -> [(&'static str, Value); 9] {
    let of = |get: fn(&ServerCost) -> Value| cost.map_or(Value::Null, get);
    [
        ("server_cpu_ns_per_delivery", of(|it| json!(it.cpu_ns_per_delivery))),
        ("server_user_ns_per_delivery", of(|it| json!(it.user_ns_per_delivery))),
        ("server_system_ns_per_delivery", of(|it| json!(it.system_ns_per_delivery))),
        ("server_switches_voluntary", of(|it| json!(it.switches_voluntary))),
        ("server_switches_involuntary", of(|it| json!(it.switches_involuntary))),
        ("server_switches_per_delivery", of(|it| json!(it.switches_per_delivery))),
        ("server_rss_bytes", of(|it| json!(it.rss_bytes))),
        ("server_threads", of(|it| json!(it.threads))),
        ("server_cores_used", of(|it| json!(it.cores_used))),
    ]
}

fn server(cost: Option<&ServerCost>, pid_given: bool) -> String {
    let Some(cost) = cost else {
        let why = if pid_given {
            "nothing was delivered while it was measured"
        } else {
            "give --pid for the server's CPU, context switches and memory"
        };
        return why.into();
    };
    let split = match (cost.user_ns_per_delivery, cost.system_ns_per_delivery) {
        (Some(user), Some(system)) => format!(" (user {}, system {})", whole(user), whole(system)),
        _ => String::new(),
    };
    let plural = if cost.threads == 1 { "" } else { "s" };
    format!(
        "{} ns of CPU{split} and {:.3} context switches for a delivery; {:.2} cores used, {:.1} MiB \
         resident, {} thread{plural}",
        whole(cost.cpu_ns_per_delivery),
        cost.switches_per_delivery,
        cost.cores_used,
        cost.rss_bytes as f64 / f64::from(1 << 20),
        cost.threads,
    )
}

/// A number without decimals, in groups of three digits.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Microseconds in the unit that suits them, to about three digits.
fn time(us: f64) -> String {
    match us {
        us if us < 1_000.0 => format!("{us:.0} us"),
        us if us < 10_000.0 => format!("{:.2} ms", us / 1e3),
        us if us < 1_000_000.0 => format!("{:.1} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::{Latency, Own, histogram};
    use super::*;

    fn report(trust: Trust) -> Report {
        let mut latency = histogram();
        latency.record(250_000).unwrap();
        Report {
            sent: 2,
            due: 18,
            delivered: 17,
            lost: 1,
            duplicated: 0,
            reordered: 0,
            corrupt: 0,
            first_corrupt: None,
            seconds: 2.0,
            deliveries_per_second: 8.5,
            latency: Latency::of(latency),
            server: None,
            generator: Own {
                cores_used: 0.5,
                late_mean_us: 5.0,
                late_p99_us: 7.0,
                late_max_us: 9.0,
            },
            trust,
            slow: None,
            visitors: None,
        }
    }

    fn shown(trust: Trust) -> [String; 3] {
        let (plan, run, report) = (Gathering::default(), Run::default(), report(trust));
        let show = Show { plan: &plan, run: &run, report: &report };
        [show.text(), show.json(), show.csv()]
    }

    #[test]
    fn all_forms_have_the_same_figures() {
        let [text, json, csv] = shown(Trust::Fine);
        assert!(text.contains("1 LOST") && text.contains("p50 250 us"), "{text}");
        assert!(text.contains("give --pid"), "{text}");
        let object: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&object["lost"], &object["rooms"]), (&json!(1), &json!(10)));
        let p50 = object["latency_p50_us"].as_f64().unwrap();
        assert!((p50 - 250.0).abs() < 1.0, "{p50}");
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!((lines.len(), lines[0].len()), (2, object.as_object().unwrap().len()));
        let at = lines[0].iter().position(|name| *name == "deliveries_per_second").unwrap();
        assert_eq!((lines[0].len(), lines[1][at]), (lines[1].len(), "8.5"));
    }

    #[test]
    fn a_bottleneck_is_told_instead_of_figures() {
        let [text, json, csv] = shown(Trust::Bottleneck("it \"was\", busy".into()));
        assert!(text.contains("this generator was the bottleneck") && text.contains("1 LOST"));
        assert!(!text.contains("p50") && !text.contains("deliveries/s"), "{text}");
        let object: Value = serde_json::from_str(&json).unwrap();
        for name in ["latency_p50_us", "deliveries_per_second", "server_cpu_ns_per_delivery"] {
            assert_eq!(object[name], Value::Null, "{name}");
        }
        assert_eq!(object["lost"], json!(1));
        assert!(csv.contains("\"it \"\"was\"\", busy\""), "{csv}");
    }

    #[test]
    fn a_shared_core_is_told_beside_the_figures() {
        let [text, json, csv] = shown(Trust::Shared("late, mean 260 us".into()));
        assert!(text.contains("p50 250 us") && text.contains("warning"), "{text}");
        assert!(text.contains("late, mean 260 us; keep them on cores of their own"), "{text}");
        let object: Value = serde_json::from_str(&json).unwrap();
        assert!(object["latency_p50_us"].is_number() && csv.contains("\"late, mean 260 us\""));
        assert_eq!(object["generator_was_the_bottleneck"], Value::Null);
        assert_eq!(object["generator_was_late_on_a_shared_core"], json!("late, mean 260 us"));
    }

    #[test]
    fn numbers_suit_people() {
        assert_eq!([whole(0.4), whole(999.0), whole(1234567.0)], ["0", "999", "1,234,567"]);
        let times = [999.0, 1_500.0, 25_000.0, 2_500_000.0].map(time);
        assert_eq!(times, ["999 us", "1.50 ms", "25.0 ms", "2.50 s"]);
    }
}
