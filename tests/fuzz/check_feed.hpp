// What must hold for any bytes in the place of a path and a document, or of a table, of `feed poll`. Used by the libFuzzer
// targets and by the smoke program.
#pragma once

#include <cmath>
#include <string_view>

#include "feed/poll_book.hpp"
#include "feed/poll_feed.hpp"
#include "feed/poll_source.hpp"
#include "feed/table_document.hpp"
#include "fuzz/check_decode.hpp"

namespace surged::fuzz {

/// A plan that uses `path` wherever a path may stand.
inline AskPlan ask_with(const FieldPath& path) {
    AskPlan ask;
    ask.id = "a";
    auto& map = ask.map;
    map.centre.fixed = "c";
    map.queue.fixed = "q";
    map.queue.path = FieldPath::parse("n").value();
    map.channel.fixed = "voice";
    map.rows = {path};
    map.period = FieldPath::parse("/t").value();
    for (const auto unit : {FieldUnit::number, FieldUnit::clock, FieldUnit::since}) {
        MetricRule metric;
        metric.metric = "m" + std::to_string(static_cast<int>(unit));
        metric.value = {path, FieldPath::parse("w").value(), FieldPath::parse("/*").value()};
        metric.form.unit = unit;
        metric.counter = unit == FieldUnit::number;
        metric.combine = Combine::sum;
        metric.idle = WhenIdle::zeros;
        map.metrics.push_back(std::move(metric));
    }
    return ask;
}

/// The first line is a path, the rest a document. Twice through the mapping and the book, with a restart between.
inline void check_mapping(std::string_view bytes) {
    const auto end = bytes.find('\n');
    const auto path = FieldPath::parse(bytes.substr(0, end));
    const auto document = parse_json(end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1),
                                     JsonLimits{.bytes = 20000, .depth = 64, .values = 20000});
    if (!path || !document) {
        return;
    }
    require(FieldPath::parse(path->text()).has_value(), "what a path says of itself is a path");
    PollPlan plan;
    plan.source = "s";
    plan.asks.push_back(ask_with(*path));
    PollBook book;
    book.source = "s";
    double before = -1;
    for (int round = 0; round < 3; ++round) {
        PollFeed feed(plan, book);
        MappedAnswer answer;
        const std::int64_t now_ms = 1'780'000'000'000 + round * 10'000;
        map_document(*document, plan.asks.front().map, "", plan.zone, now_ms, answer);
        require(answer.told.size() <= MappedAnswer::faults_told_max && answer.told.size() <= answer.faults,
                "faults are bounded and counted");
        for (const auto& text : answer.told) {
            require(utf8_valid(text) && text.find('\x1b') == std::string::npos, "what is told can be shown");
        }
        double sum = 0;
        feed.answer(plan.asks.front(), answer, true, now_ms, [&](const Message& message) {
            require(message.parts.size() <= PollFeed::parts_max, "a message is bounded");
            static Decoder decoder{IngestLimits{}};
            Message copy;
            RefusalCounts dropped{};
            require(!decoder.decode(encode_json(message), copy, dropped) && dropped == RefusalCounts{},
                    "surged takes every message whole");
            for (const auto& part : message.parts) {
                for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
                    require(std::isfinite(message.values[i].value) && message.values[i].value >= 0,
                            "values are finite and not negative");
                    sum += message.values[i].name == "m0" ? message.values[i].value : 0;
                }
            }
            return true;
        });
        require(sum >= before || answer.faults > 0, "a counter never falls");
        before = sum;
        const auto again = read_poll_book(write_poll_book(book));
        require(again.has_value() && write_poll_book(*again) == write_poll_book(book), "the state survives");
        book = *again;
    }
}

inline void check_table(std::string_view bytes) {
    TableLimits limits;
    limits.rows = 50;
    limits.columns = 20;
    limits.line_bytes = 2000;
    limits.depth = 8;
    limits.values = 500;
    TableFaults faults;
    for (const char separator : {',', ';'}) {
        const auto table = csv_document(bytes, {separator, true, {"queue"}}, faults, limits);
        require(!table || (table->array() != nullptr && table->array()->size() <= limits.rows), "rows are within the limit");
        static_cast<void>(csv_document(bytes, {separator, false, {}}, faults, limits));
    }
    require(faults.told.size() <= limits.faults && faults.told.size() <= faults.lines,
            "bad lines are counted and told within the bound");
    const auto document = xml_document(bytes, limits);
    require(!document || (document->object() != nullptr && document->object()->size() == 1), "an XML document has one root");
}

}  // namespace surged::fuzz
