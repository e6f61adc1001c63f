#include "feed/poll_mapping.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "wire/names.hpp"

namespace surged {
namespace {

std::string quoted_field(const JsonValue& value) {
    const auto text = plain_text(value);
    return text ? "\"" + shown_safely(utf8_cut(*text, 40)) + "\"" : value.is_null() ? "null" : "a list or an object";
}

class DocumentMapper {
public:
    DocumentMapper(const MapRule& rule, const std::string& fixed_period, const Zone& zone, std::int64_t now_ms,
                   MappedAnswer& answer)
        : rule_(rule), fixed_period_(fixed_period), zone_(zone), now_ms_(now_ms), answer_(answer) {}

    void map(const JsonValue& document) {
        chain_.assign(1, &document);
        if (rule_.time) {
            take_time();
        }
        if (rule_.rows.empty()) {
            each_row_of(document);
        } else {
            descend(0);
        }
    }

private:
    void take_time() {
        const auto* field = rule_.time->first(chain_);
        const auto moment = field == nullptr ? std::nullopt : read_moment(*field, rule_.order, zone_);
        if (!moment) {
            return answer_.fault("time " + rule_.time->text() + ": " +
                                 (field == nullptr ? "is not there" : quoted_field(*field) + " is no moment"));
        }
        answer_.document_ms = std::min(answer_.document_ms.value_or(*moment), *moment);
    }

    /// Of a row: which queue it was of is not known.
    void lost(const std::string& text) {
        answer_.incomplete = true;
        answer_.fault(text);
    }

    void each_row_of(const JsonValue& found) {
        const auto* list = found.array();
        if (list == nullptr) {
            return row();
        }
        for (const auto& item : *list) {
            chain_.push_back(&item);
            row();
            chain_.pop_back();
        }
    }

    /// As deep as the file has rows, of which there are at most eight.
    void descend(std::size_t level) {  // NOLINT(misc-no-recursion)
        const auto found = rule_.rows[level].find(chain_);
        if (found.empty() && level == 0 && !rule_.rows[level].parent_there(chain_)) {
            return lost("rows " + rule_.rows[level].text() + ": are not there");
        }
        const auto into = [&](const JsonValue& item) {  // NOLINT(misc-no-recursion)
            chain_.push_back(&item);
            level + 1 < rule_.rows.size() ? descend(level + 1) : row();
            chain_.pop_back();
        };
        for (const auto* value : found) {
            if (const auto* list = value->array(); list != nullptr) {
                std::for_each(list->begin(), list->end(), into);
            } else if (!value->is_null()) {
                into(*value);
            }
        }
    }

    bool fits(const std::vector<FieldCondition>& conditions) const {
        return std::all_of(conditions.begin(), conditions.end(), [&](const FieldCondition& condition) {
            const auto* field = condition.path.first(chain_);
            const auto text = field == nullptr ? std::nullopt : plain_text(*field);
            return contains(condition.values, text.value_or(""));
        });
    }

    enum class Named : std::uint8_t { well, left_out, fault };

    Named name(const NameRule& rule, const char* what, std::string& out) {
        out = rule.fixed;
        if (rule.path) {
            const auto* field = rule.path->first(chain_);
            const auto text = field == nullptr ? std::nullopt : plain_text(*field);
            if (text && !text->empty()) {
                const auto known = rule.names.find(*text);
                if (known == rule.names.end() && rule.only_named) {
                    return Named::left_out;
                }
                out = known == rule.names.end() ? *text : known->second;
            } else if (out.empty()) {
                lost(where() + what + " " + rule.path->text() + ": " + (field == nullptr ? "is not there" : "is no name"));
                return Named::fault;
            }
        }
        if (const auto refusal = check_label(out, 64, false)) {
            lost(where() + what + " \"" + shown_safely(utf8_cut(out, 80)) + "\": " +
                 (*refusal == Refusal::name_too_long ? "is longer than 64 bytes: give it a shorter one in a table of names"
                                                     : "is no name"));
            return Named::fault;
        }
        return Named::well;
    }

    std::string where() const { return "row " + std::to_string(answer_.rows) + ": "; }

    void row() {
        if (++answer_.rows > poll_rows_max) {
            if (answer_.rows == poll_rows_max + 1) {
                lost("more than " + std::to_string(poll_rows_max) + " rows: the rest is left out");
            }
            return;
        }
        if (!fits(rule_.where)) {
            ++answer_.left_out;
            return;
        }
        QueueKey key;
        for (const auto& [rule, what, out] : {std::tuple{&rule_.queue, "queue", &key.queue},
                                              {&rule_.centre, "centre", &key.centre},
                                              {&rule_.channel, "channel", &key.channel}}) {
            const auto named = name(*rule, what, *out);
            if (named != Named::well) {
                answer_.left_out += named == Named::left_out ? 1U : 0U;
                return;
            }
        }
        std::string period = fixed_period_;
        if (rule_.period) {
            const auto* field = rule_.period->first(chain_);
            const auto text = field == nullptr ? std::nullopt : plain_text(*field);
            if (!text || text->empty() || text->size() > 128) {
                return lost(where() + "period " + rule_.period->text() + ": is not there or too long");
            }
            period = *text;
        }
        if (answer_.queues.size() >= poll_queues_max && !answer_.queues.contains(key)) {
            return lost("more than " + std::to_string(poll_queues_max) + " queues: the rest is left out");
        }
        auto& of_queue = answer_.queues[key];
        for (std::size_t i = 0; i < rule_.metrics.size(); ++i) {
            if (fits(rule_.metrics[i].where)) {
                metric(i, key, of_queue, rule_.metrics[i].counter ? period : std::string());
            }
        }
    }

    void metric(std::size_t index, const QueueKey& key, MappedAnswer::OfQueue& of_queue, const std::string& period) {
        const auto& rule = rule_.metrics[index];
        const auto faults = answer_.faults;
        const auto value = rule.count_rows ? std::optional(1.0) : sum_of(rule);
        if (answer_.faults != faults) {
            of_queue.unreadable.insert(index);
        }
        if (!value) {
            return;
        }
        auto& reading = of_queue.metrics[index][period];
        if (reading.rows > 0) {
            switch (rule.count_rows ? Combine::sum : rule.combine) {
                case Combine::none:
                    return answer_.fault(where() + "queue " + shown_safely(key.queue) + ": a second row for " + rule.metric +
                                         ": `combine` says what to do with it");
                case Combine::sum: reading.value += *value; break;
                case Combine::max: reading.value = std::max(reading.value, *value); break;
                case Combine::min: reading.value = std::min(reading.value, *value); break;
            }
        } else {
            reading.value = *value;
        }
        ++reading.rows;
    }

    /// The sum of the fields; nullopt: none of them has a value, or one could not be read, which was told.
    std::optional<double> sum_of(const MetricRule& rule) {
        std::optional<double> sum;
        for (const auto& path : rule.value) {
            bool there = false;
            for (const auto* field : path.find(chain_)) {
                const auto number = read_field(*field, rule.form, zone_, now_ms_);
                if (!number) {
                    answer_.fault(where() + rule.metric + " " + path.text() + ": " + quoted_field(*field) + " " +
                                  number.error().message);
                    return std::nullopt;
                }
                if (*number) {
                    there = true;
                    sum = sum.value_or(0) + **number;
                }
            }
            if (!there && rule.idle == WhenIdle::absent) {
                return std::nullopt;
            }
        }
        return sum;
    }

    const MapRule& rule_;
    const std::string& fixed_period_;
    const Zone& zone_;
    std::int64_t now_ms_;
    MappedAnswer& answer_;
    std::vector<const JsonValue*> chain_;
};

}  // namespace

void MappedAnswer::fault(const std::string& text) {
    ++faults;
    if (told.size() < faults_told_max) {
        told.push_back(shown_safely(text));
    }
}

void map_document(const JsonValue& document, const MapRule& rule, const std::string& fixed_period, const Zone& zone,
                  std::int64_t now_ms, MappedAnswer& answer) {
    DocumentMapper(rule, fixed_period, zone, now_ms, answer).map(document);
}

}  // namespace surged
