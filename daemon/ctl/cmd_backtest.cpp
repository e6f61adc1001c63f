// surgectl backtest: how well the learned profile forecasts a file of counts, and how soon it sees the surges in it.
//
// The same detector, with the same shipped settings, as `kind = "baseline"`. Every figure of a row comes from that row and
// earlier ones.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include "config/zones.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "core/forecast/calendar.hpp"
#include "core/forecast/surge_detector.hpp"
#include "ctl/backtest_taught.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/count_file.hpp"
#include "ctl/count_input.hpp"
#include "ctl/count_queue_log.hpp"
#include "ctl/recorded_input.hpp"
#include "ctl/text_file.hpp"

namespace surged {
namespace {

/// A window that began before the end of a surge still shows it: alarms within this many rows after the end are its own.
constexpr std::int64_t tail_rows = 3;

struct BacktestOptions {
    std::string train;
    std::string input;
    std::string labels;
    std::string direction = "up";
    std::string scores;
    std::string interval;
    std::string zone;
    std::string queue;
    std::string format;  ///< empty = by the file's first line
    std::string metric = "offered";
    TaughtOptions taught;
    CsvOptions csv;
};

struct Surge {
    std::string start;
    std::string end;
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::optional<std::int64_t> detected_s;
    int level = 0;
};

struct Backtest {
    double interval_minutes = 5.0;
    double day_ahead_error = 0.0;
    double one_step_error = 0.0;
    double counted = 0.0;
    std::size_t rows = 0;
    std::size_t learning_rows = 0;
    std::size_t days = 0;
    std::size_t false_alarms = 0;
    std::vector<std::string> false_alarm_times;
    std::size_t bad_lines = 0;
    std::size_t memory_bytes = 0;
    std::vector<Surge> surges;

    double percent(double error) const { return 100.0 * error / counted; }
    double false_alarms_per_day() const { return days > 0 ? static_cast<double>(false_alarms) / static_cast<double>(days) : 0.0; }
};

Result<std::vector<Surge>> read_labels(const std::string& path, const Zone* zone) {
    JsonLimits limits;
    limits.bytes = 16U << 20U;
    limits.values = 1'000'000;
    const auto text = read_text_file(path, limits.bytes);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto json = parse_json(*text, limits);
    const JsonValue* list = json ? json->find("surges") : nullptr;
    if (list == nullptr || list->array() == nullptr) {
        return fail(path + ": wanted {\"surges\":[{\"start\":..,\"end\":..}]}");
    }
    std::vector<Surge> surges;
    for (const JsonValue& item : *list->array()) {
        Surge surge;
        surge.start = item.text_or("start", "");
        surge.end = item.text_or("end", "");
        const auto second_of = [zone](const std::string& stamp) {
            const auto time = read_csv_time(stamp, DateOrder::ymd);
            CountRow row;
            if (time) {
                place_in_zone(row, *time, zone);
            }
            return time ? std::optional(row.second()) : std::nullopt;
        };
        const auto start = second_of(surge.start);
        const auto end = second_of(surge.end);
        if (!start || !end || *end <= *start) {
            return fail(path + ": surge " + std::to_string(surges.size() + 1) + " wants a start and a later end");
        }
        surge.start_s = *start;
        surge.end_s = *end;
        surges.push_back(std::move(surge));
    }
    return surges;
}

/// Rows as the detector wants them: which kind of day, and closed hours set aside as the daemon does.
SurgeRow surge_row(const CountRow& row, const CalendarSpec* calendar) {
    SurgeRow out;
    out.day = row.day;
    out.second_of_day = row.second_of_day;
    out.kind = calendar != nullptr ? calendar->kind_of(row.day) : plain_day_kind(row.day);
    out.count = row.count;
    out.set_aside = row.unreadable || row.twice || (calendar != nullptr && calendar->closed_at(row.day, row.second_of_day));
    return out;
}

/// Of a second of civil time since 1970-01-01.
std::string second_text(std::int64_t second) {
    const std::int64_t day = second >= 0 ? second / 86400 : (second - 86399) / 86400;
    CivilTime civil = civil_from_days(day);
    civil.second_of_day = static_cast<int>(second - day * 86400);
    return civil_text(civil);
}

/// Every number of the report, row by row.
class Scorer {
public:
    Scorer(Backtest& out, std::int64_t step_s) : out_(out), step_s_(step_s) {}

    void row(const CountRow& row, const SurgeVerdict& verdict) {
        ++out_.rows;
        if (row.day > last_day_ || out_.days == 0) {
            if (!verdict.learning) {
                ++out_.days;
                last_day_ = row.day;
            }
        }
        out_.learning_rows += verdict.learning ? 1U : 0U;
        if (verdict.day_ahead >= 0.0 && !row.unreadable && !row.twice) {
            out_.day_ahead_error += std::abs(row.count - verdict.day_ahead);
            out_.one_step_error += std::abs(row.count - verdict.one_step);
            out_.counted += row.count;
        }
        judge(row, verdict);
        held_ = verdict.level > 0;
    }

private:
    void judge(const CountRow& row, const SurgeVerdict& verdict) {
        bool labelled = false;
        for (Surge& surge : out_.surges) {
            const std::int64_t at = row.second();
            if (at >= surge.start_s && at < surge.end_s + tail_rows * step_s_) {
                labelled = true;
                if (at < surge.end_s && verdict.level_now > 0) {
                    // A row is known when its interval is over, not when it begins.
                    surge.detected_s = surge.detected_s ? surge.detected_s : at + step_s_;
                    surge.level = std::max(surge.level, verdict.level_now);
                }
            }
        }
        if (verdict.level > 0 && !held_ && !labelled) {
            ++out_.false_alarms;
            out_.false_alarm_times.push_back(row.stamp);
        }
    }

    Backtest& out_;
    std::int64_t step_s_;
    std::int64_t last_day_ = INT64_MIN;
    bool held_ = false;
};

void print_backtest_json(const Backtest& result) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    const auto percent = [&](std::string_view name, double error) {
        json.key(name);
        if (result.counted > 0) {
            json.value(result.percent(error));
        } else {
            json.null();
        }
    };
    json.field("interval_s", static_cast<std::int64_t>(result.interval_minutes * 60.0));
    percent("wape_day_ahead", result.day_ahead_error);
    percent("wape_one_step", result.one_step_error);
    json.field("wape_unit", "percent");
    json.key("detections").begin_array();
    for (const Surge& surge : result.surges) {
        json.begin_object().field("start", surge.start).field("end", surge.end);
        if (surge.detected_s) {
            json.field("detected_at", second_text(*surge.detected_s)).field("delay_s", *surge.detected_s - surge.start_s);
        } else {
            json.key("detected_at").null().key("delay_s").null();
        }
        json.field("level", surge.level).end_object();
    }
    json.end_array();
    json.field("false_alarms", std::uint64_t{result.false_alarms}).field("false_alarms_per_day", result.false_alarms_per_day());
    json.key("false_alarm_times").begin_array();
    for (const std::string& stamp : result.false_alarm_times) {
        json.value(stamp);
    }
    json.end_array();
    json.field("days", std::uint64_t{result.days})
        .field("rows", std::uint64_t{result.rows})
        .field("learning_rows", std::uint64_t{result.learning_rows})
        .field("bad_lines", std::uint64_t{result.bad_lines})
        .field("memory_bytes", std::uint64_t{result.memory_bytes})
        .end_object();
    std::printf("%s\n", text.c_str());
}

void print_text(const Backtest& result) {
    if (result.counted > 0) {
        std::printf("forecast error (WAPE): day ahead %.2f %%, one step %.2f %%\n", result.percent(result.day_ahead_error),
                    result.percent(result.one_step_error));
    } else {
        std::printf("forecast error: not enough history\n");
    }
    std::size_t found = 0;
    for (const Surge& surge : result.surges) {
        found += surge.detected_s ? 1U : 0U;
        if (surge.detected_s) {
            std::printf("surge %s: seen at %s, %lld s after it began, level %d\n", surge.start.c_str(),
                        second_text(*surge.detected_s).c_str(), static_cast<long long>(*surge.detected_s - surge.start_s),
                        surge.level);
        } else {
            std::printf("surge %s: not seen\n", surge.start.c_str());
        }
    }
    for (const std::string& stamp : result.false_alarm_times) {
        std::printf("alarm outside of every labelled surge: %s\n", stamp.c_str());
    }
    std::printf(
        "%zu of %zu surges seen; %zu other alarms in %zu days (%.3f a day); %zu rows, %zu while learning, %zu bad lines; %zu "
        "bytes a series\n",
        found, result.surges.size(), result.false_alarms, result.days, result.false_alarms_per_day(), result.rows,
        result.learning_rows, result.bad_lines, result.memory_bytes);
}

/// Times with an offset and no --zone are taken as they stand: then a day's shape moves by an hour when clocks change.
void hint_zone(const std::string& path, const CountFile& file, const Zone* zone) {
    const bool offsets = std::ranges::any_of(file.rows, [](const CountRow& row) { return row.utc_offset_s.has_value(); });
    if (offsets && zone == nullptr) {
        std::fprintf(stderr,
                     "surgectl: %s: its times have Z or an offset and stand as they are: say --zone (the centre's, as Europe/Berlin), or days "
                     "begin and clocks change at the wrong hour\n",
                     path.c_str());
    }
}

/// The settings that ship, for rows of this length.
Result<SurgeSettings> settings_for(const BacktestOptions& options, const CountFile& input) {
    SurgeSettings settings;
    settings.interval_minutes = input.interval_minutes();
    settings.direction = options.direction == "both" ? SurgeDirection::both : options.direction == "down" ? SurgeDirection::down : SurgeDirection::up;
    if (!options.interval.empty()) {
        const auto span = parse_span(options.interval);
        if (!span || minutes(*span) < 1.0 || minutes(*span) > 1440.0) {
            return fail("--interval wants a span of 1m to 24h, as 5m");
        }
        settings.interval_minutes = minutes(*span);
    }
    return settings;
}

/// A csv of counts or a queue_log. What is wrong with its lines is told.
Result<CountFile> read_rows(const BacktestOptions& options, const std::string& path, const Zone* zone) {
    std::ifstream in(path, std::ios::binary);
    std::string first;
    std::getline(in, first);
    in.seekg(0);
    // A csv may have bars between its fields, and times in seconds: two fields, or three.
    const bool log = format_of_file(path) == "queue_log" && std::ranges::count(first, '|') >= 4;
    if (options.format.empty() ? !log : options.format == "csv") {
        auto csv = options.csv;
        csv.metric = options.metric;
        return read_counts(path, zone, csv, options.queue);
    }
    QueueLogCounts wanted;
    wanted.metric = options.metric;
    wanted.queue = options.queue;
    wanted.zone = zone;
    if (const auto span = parse_span(options.interval); span && *span >= Span{60000} && *span <= Span{86400000}) {
        wanted.interval = *span;
    }
    if (!in) {
        return fail("cannot read " + path);
    }
    QueueLogReplay read;
    auto rows = queue_log_counts(in, path, wanted, read);
    tell_faults(path, read);
    return rows;
}

/// --train, before the first row is judged.
Result<void> learn_first(const BacktestOptions& options, const Zone* zone, const CalendarSpec* calendar, SurgeDetector& detector,
                         Backtest& result) {
    if (options.train.empty()) {
        return {};
    }
    const auto train = read_rows(options, options.train, zone);
    if (!train) {
        return tl::unexpected(train.error());
    }
    tell_about(options.train, *train);
    result.bad_lines += train->bad_lines;
    for (const CountRow& row : train->rows) {
        detector.step(surge_row(row, calendar));
    }
    return {};
}

Result<void> score(const BacktestOptions& options, const CountFile& input, const CalendarSpec* calendar, SurgeDetector& detector,
                   Backtest& result) {
    tell_about(options.input, input);
    result.bad_lines += input.bad_lines;
    std::ofstream scores;
    if (!options.scores.empty()) {
        scores.open(options.scores, std::ios::binary | std::ios::trunc);
        scores << "timestamp,anomaly_score\n";
    }
    Scorer scorer(result, static_cast<std::int64_t>(result.interval_minutes * 60.0));
    for (const CountRow& row : input.rows) {
        const SurgeVerdict verdict = detector.step(surge_row(row, calendar));
        scorer.row(row, verdict);
        if (scores.is_open()) {
            scores << fmt::format("{},{:.6f}\n", row.stamp, verdict.score);
        }
    }
    result.memory_bytes = detector.memory_bytes();
    return !options.scores.empty() && !scores.flush() ? fail("cannot write " + options.scores) : Result<void>();
}

Result<Backtest> measure(const BacktestOptions& options) {
    std::optional<Zone> zone;
    if (!options.zone.empty()) {
        auto loaded = load_zone(options.zone);
        if (!loaded) {
            return tl::unexpected(loaded.error());
        }
        zone = std::move(*loaded);
    }
    const Zone* civil = zone ? &*zone : nullptr;
    auto input = read_rows(options, options.input, civil);
    if (!input) {
        return tl::unexpected(input.error());
    }
    const auto settings = settings_for(options, *input);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    Backtest result;
    result.interval_minutes = settings->interval_minutes;
    SurgeDetector detector(*settings);
    const auto taught = find_taught(options.taught);
    if (!taught) {
        return tl::unexpected(taught.error());
    }
    const ProfileWanted wanted{options.queue.empty() ? input->queue : options.queue, input->rows.front().day, !options.train.empty()};
    if (auto taken = take_profile(options.taught, *taught, wanted, detector); !taken) {
        return tl::unexpected(taken.error());
    }
    hint_zone(options.input, *input, civil);
    if (auto learned = learn_first(options, civil, taught->calendar, detector, result); !learned) {
        return tl::unexpected(learned.error());
    }
    if (!options.labels.empty()) {
        auto surges = read_labels(options.labels, civil);
        if (!surges) {
            return tl::unexpected(surges.error());
        }
        result.surges = std::move(*surges);
    }
    if (auto scored = score(options, *input, taught->calendar, detector, result); !scored) {
        return tl::unexpected(scored.error());
    }
    return result;
}

void backtest(Context& context, const BacktestOptions& options) {
    const auto result = measure(options);
    if (!result) {
        return context.fail(ctl_usage, result.error().message);
    }
    context.exit_code = ctl_ok;
    if (context.json) {
        print_backtest_json(*result);
    } else {
        print_text(*result);
    }
}

}  // namespace

void add_backtest(CliCommand app, Context& context) {
    const auto command = app.command(
        "backtest", "try the learned profile on a file of timestamp,count or a queue_log: forecast error, surges seen, false alarms");
    auto options = std::make_shared<BacktestOptions>();
    command.option("--format", options->format, "csv, or queue_log (Asterisk); default: by the first line").one_of({"csv", "queue_log"});
    command.option("--metric", options->metric, "what is counted, as abandoned: a counter that the queue_log's feeder knows, or what a csv's column holds")
        .type("NAME")
        .shows_default();
    command.option("--train", options->train, "history to learn first; without it, it learns as it goes").type("FILE");
    command.option("--input", options->input, "counts to score").type("FILE").required();
    command.option("--labels", options->labels, "{\"surges\":[{\"start\":..,\"end\":..}]}, the end not included").type("FILE");
    command.option("--direction", options->direction, "up; down: too few; both: too few is as odd as too many")
        .one_of({"up", "both", "down"})
        .shows_default();
    command.option("--scores", options->scores, "write timestamp,anomaly_score (0..1), a line for every row").type("FILE");
    command.option("--interval", options->interval, "length of a row, as 5m; default: the file's commonest step").type("SPAN");
    command.option("--zone", options->zone, "the centre's zone; default: times as they stand").type("ZONE");
    command.option("--queue", options->queue, "queue to take of a file of several").type("NAME");
    command.option("--centre", options->taught.centre, "with --profiles: the queue's centre").type("NAME");
    command.option("--config", options->taught.config, "configuration whose [[calendar]] and learned profiles are used").type("FILE");
    command.option("--calendar", options->taught.calendar, "holidays and closed hours: the id of a [[calendar]] of --config, or a file of configuration that has one").type("ID|FILE");
    command.option("--profiles", options->taught.profiles, "begin with what `learn` wrote, or off; default: with --config the file of its daemon, else off")
        .type("FILE|off");
    add_csv_options(command, options->csv);
    command.run([options, &context] { backtest(context, *options); });
}

}  // namespace surged
