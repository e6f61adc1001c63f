#include "feed/poll_book.hpp"

#include <algorithm>
#include <cmath>

#include "wire/json_text.hpp"

namespace surged {
namespace {

constexpr std::string_view format_name = "surged feed state 1";

/// A provider's count that falls a little was corrected, or is of another of its servers; one that falls by half began anew.
bool began_anew(double before, double now) {
    return now < before / 2;
}

const JsonValue& member(const JsonValue& of, std::string_view name) {
    static const JsonValue null;
    const auto* found = of.find(name);
    return found == nullptr ? null : *found;
}

double number_in(const JsonValue& of, std::string_view name) {
    const auto value = member(of, name).number();
    return value && std::isfinite(*value) ? *value : 0;
}

std::int64_t whole_in(const JsonValue& of, std::string_view name) {
    return member(of, name).integer().value_or(0);
}

bool flag_in(const JsonValue& of, std::string_view name) {
    const auto* flag = member(of, name).boolean();
    return flag != nullptr && *flag;
}

template <typename Each>
void items_in(const JsonValue& of, std::string_view name, Each each) {
    if (const auto* list = member(of, name).array(); list != nullptr) {
        std::for_each(list->begin(), list->end(), each);
    }
}

template <typename Each>
void members_in(const JsonValue& of, std::string_view name, Each each) {
    if (const auto* object = member(of, name).object(); object != nullptr) {
        for (const auto& [key, value] : *object) {
            each(key, value);
        }
    }
}

/// Writes and reads the members of a CounterSum, which stay its own.
struct CounterOut {
    JsonWriter& json;
    void operator()(const char* name, double value) { json.field(name, value); }
    void operator()(const char* name, bool value) { json.field(name, value); }
    void operator()(const char* name, const std::map<std::string, double>& periods) {
        json.key(name).begin_object();
        for (const auto& [period, value] : periods) {
            json.field(period, value);
        }
        json.end_object();
    }
    void operator()(const char* name, const std::vector<CounterSum::Share>& shares) {
        json.key(name).begin_array();
        for (const auto& share : shares) {
            json.begin_object()
                .field("amount", share.amount)
                .field("begin_ms", share.begin_ms)
                .field("end_ms", share.end_ms)
                .end_object();
        }
        json.end_array();
    }
};

struct CounterIn {
    const JsonValue& from;
    void operator()(const char* name, double& value) { value = std::max(0.0, number_in(from, name)); }
    void operator()(const char* name, bool& value) { value = flag_in(from, name); }
    void operator()(const char* name, std::map<std::string, double>& periods) {
        members_in(from, name, [&](const std::string& period, const JsonValue& value) {
            periods[period] = std::max(0.0, value.number().value_or(0));
        });
    }
    void operator()(const char* name, std::vector<CounterSum::Share>& shares) {
        items_in(from, name, [&](const JsonValue& item) {
            CounterSum::Share share{number_in(item, "amount"), whole_in(item, "begin_ms"), whole_in(item, "end_ms")};
            if (share.amount > 0 && share.end_ms > share.begin_ms && shares.size() < CounterSum::shares_max) {
                shares.push_back(share);
            }
        });
    }
};

void write_key(JsonWriter& json, const QueueKey& key) {
    json.field("centre", key.centre).field("queue", key.queue).field("channel", key.channel);
}

QueueKey key_in(const JsonValue& of) {
    return {of.text_or("centre", ""), of.text_or("queue", ""), of.text_or("channel", "voice")};
}

void write_ask(JsonWriter& json, const AskBook& ask) {
    json.begin_object().field("answered", ask.answered).field("folder_read", ask.folder_read);
    json.key("queues").begin_array();
    for (const auto& [key, seen_ms] : ask.seen_ms) {
        json.begin_object();
        write_key(json, key);
        json.field("seen_ms", seen_ms).key("counters").begin_object();
        if (const auto found = ask.counters.find(key); found != ask.counters.end()) {
            for (const auto& [metric, counter] : found->second) {
                json.key(metric).begin_object();
                CounterOut out{json};
                CounterSum copy = counter;
                copy.fields(out);
                json.end_object();
            }
        }
        json.end_object().end_object();
    }
    json.end_array().key("files").begin_object();
    for (const auto& [name, file] : ask.files) {
        json.key(name).begin_object().field("size", file.size).field("mtime_ms", file.mtime_ms).end_object();
    }
    json.end_object().end_object();
}

AskBook read_ask(const JsonValue& from) {
    AskBook ask;
    ask.answered = flag_in(from, "answered");
    ask.folder_read = flag_in(from, "folder_read");
    items_in(from, "queues", [&](const JsonValue& item) {
        const auto key = key_in(item);
        ask.seen_ms[key] = whole_in(item, "seen_ms");
        members_in(item, "counters", [&](const std::string& metric, const JsonValue& value) {
            CounterIn in{value};
            ask.counters[key][metric].fields(in);
        });
    });
    members_in(from, "files", [&](const std::string& name, const JsonValue& value) {
        ask.files[name] = {whole_in(value, "size"), whole_in(value, "mtime_ms")};
    });
    return ask;
}

}  // namespace

double CounterSum::news(const std::string& period, double value, bool first, bool from_zero) {
    if (period.empty()) {
        const double before = last_;
        const bool anew = began_anew(before, value);
        last_ = first || anew ? value : std::max(before, value);
        return first ? (from_zero ? value : 0) : anew ? value : std::max(0.0, value - before);
    }
    const auto known = periods_.find(period);
    if (known != periods_.end()) {
        const double more = std::max(0.0, value - known->second);
        known->second += more;
        return more;
    }
    if (periods_.size() >= periods_max) {
        if (period < periods_.begin()->first) {
            return 0;  // older than all that are remembered: it was counted in its time
        }
        periods_.erase(periods_.begin());
    }
    periods_[period] = value;
    return first && !from_zero ? 0 : value;
}

void CounterSum::take(const std::map<std::string, Reading>& readings, bool from_zero, bool adds, Span spread,
                      std::int64_t now_ms) {
    if (readings.empty()) {
        return;
    }
    double sum = 0;
    for (const auto& [period, reading] : readings) {
        sum += news(period, reading.value, !seen_, from_zero);
    }
    seen_ = true;
    if (adds && sum > 0) {
        add(sum, spread, now_ms);
    }
}

void CounterSum::add(double amount, Span spread, std::int64_t now_ms) {
    if (spread <= Span{0} || shares_.size() >= shares_max) {
        total_ += amount;
        return;
    }
    shares_.push_back({amount, now_ms, now_ms + spread.count()});
}

double CounterSum::total(std::int64_t now_ms) {
    double under_way = 0;
    std::erase_if(shares_, [&](Share& share) {
        const auto set_back = std::max<std::int64_t>(0, share.begin_ms - now_ms);  // the clock was
        share.begin_ms -= set_back;
        share.end_ms -= set_back;
        if (now_ms >= share.end_ms) {
            total_ += share.amount;
            return true;
        }
        under_way +=
            share.amount * static_cast<double>(now_ms - share.begin_ms) / static_cast<double>(share.end_ms - share.begin_ms);
        return false;
    });
    shown_ = std::max(shown_, total_ + std::floor(under_way));
    return shown_;
}

void PollBook::begin_epoch(std::uint64_t new_epoch) {
    epoch = new_epoch;
    seq = 0;
    for (auto& [id, ask] : asks) {
        ask.answered = false;
        ask.counters.clear();
    }
}

std::string write_poll_book(const PollBook& book) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("format", format_name).field("source", book.source);
    json.field("epoch", book.epoch).field("seq", book.seq).field("saved_ms", book.saved_ms).key("asks").begin_object();
    for (const auto& [id, ask] : book.asks) {
        json.key(id);
        write_ask(json, ask);
    }
    json.end_object().end_object();
    return out;
}

Result<PollBook> read_poll_book(std::string_view text) {
    const auto document = parse_json(text, JsonLimits{.bytes = poll_book_bytes_max, .depth = 16, .values = 10'000'000});
    if (!document) {
        return fail(document.error().message);
    }
    if (document->text_or("format", "") != format_name) {
        return fail("is no state of a feeder, or of another version");
    }
    PollBook book;
    book.source = document->text_or("source", "");
    book.epoch = member(*document, "epoch").natural().value_or(0);
    book.seq = member(*document, "seq").natural().value_or(0);
    book.saved_ms = whole_in(*document, "saved_ms");
    members_in(*document, "asks", [&](const std::string& id, const JsonValue& value) { book.asks[id] = read_ask(value); });
    return book;
}

}  // namespace surged
