// How far is Decoder from the floor? The floor is a bare on-demand walk of simdjson over the same 32-queue, 10-metric message
// that finds the parts and reads every double, checks nothing and keeps nothing. Both take turns in one run over the same 64
// messages of random values (one message over and over would teach the branch predictor its digits); the best turn of each
// counts.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "wire/decode.hpp"
#include "wire/encode_message.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int decode_queues = 32;
constexpr std::size_t messages = 64;
constexpr std::array<std::string_view, 10> metrics{"calls_waiting", "oldest_wait_s",  "offered",          "answered",
                                                   "abandoned",     "agents_staffed", "agents_available", "agents_on_call",
                                                   "talk_s_sum",    "timeouts"};

surged::Message make_message(const std::vector<std::string>& names, std::mt19937_64& random) {
    surged::Message message;
    message.source = "acd-jinan-1";
    message.has_epoch = true;
    message.epoch = 1795330000;
    message.seq = 90210;
    message.ts = surged::source_time(1795330800123);
    for (const std::string& name : names) {
        surged::QueuePart part;
        part.centre = "jinan";
        part.queue = name;
        part.channel = "voice";
        part.ts = message.ts;
        part.first = static_cast<std::uint32_t>(message.values.size());
        part.count = metrics.size();
        for (std::size_t m = 0; m < metrics.size(); ++m) {
            const auto largest = static_cast<std::uint64_t>(std::pow(10.0, 1.0 + 0.6 * static_cast<double>(m)));
            const auto whole = static_cast<double>(random() % largest);
            message.values.push_back({metrics[m], m % 5 == 1 ? whole + 0.5 : whole});
        }
        message.parts.push_back(part);
    }
    return message;
}

double floor_walk(simdjson::ondemand::parser& parser, const simdjson::padded_string& json) {
    double sum = 0;
    simdjson::ondemand::document document;
    simdjson::ondemand::array parts;
    if (parser.iterate(json).get(document) != simdjson::SUCCESS ||
        document["queues"].get_array().get(parts) != simdjson::SUCCESS) {
        std::abort();
    }
    for (auto part : parts) {
        simdjson::ondemand::object values;
        if (part["m"].get_object().get(values) != simdjson::SUCCESS) {
            std::abort();
        }
        for (auto field : values) {
            double x = 0;
            if (field.value().get_double().get(x) != simdjson::SUCCESS) {
                std::abort();
            }
            sum += x;
        }
    }
    return sum;
}

template <typename Work>
double best_ns(double seconds, std::vector<double>& turns, Work work) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (Clock::now() < end) {
        constexpr int rounds = 200;
        const auto begin = Clock::now();
        for (int i = 0; i < rounds; ++i) {
            work();
        }
        turns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / rounds);
    }
    return *std::min_element(turns.begin(), turns.end());
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
    std::mt19937_64 random(20261122);
    std::vector<std::string> names;
    for (int q = 0; q < decode_queues; ++q) {
        names.push_back("queue-" + std::to_string(q));
    }
    std::vector<std::string> json;
    std::vector<std::string> packed;
    std::vector<simdjson::padded_string> padded;
    for (std::size_t i = 0; i < messages; ++i) {
        const surged::Message message = make_message(names, random);
        json.push_back(surged::encode_json(message));
        packed.push_back(surged::encode_msgpack(message));
        padded.emplace_back(json.back());
    }

    simdjson::ondemand::parser parser;
    surged::Decoder decoder{surged::IngestLimits{}};
    surged::Message out;
    surged::RefusalCounts dropped{};
    double sum = 0;
    std::size_t next = 0;
    std::vector<double> floor_turns;
    std::vector<double> json_turns;
    std::vector<double> packed_turns;
    double floor_ns = 0;
    double json_ns = 0;
    double packed_ns = 0;
    for (int round = 0; round < 5; ++round) {
        floor_ns = best_ns(seconds / 15, floor_turns, [&] { sum += floor_walk(parser, padded[next++ % messages]); });
        json_ns = best_ns(seconds / 15, json_turns, [&] {
            if (decoder.decode(json[next++ % messages], out, dropped)) {
                std::abort();
            }
            sum += out.values.back().value;
        });
        packed_ns = best_ns(seconds / 15, packed_turns, [&] {
            if (decoder.decode(packed[next++ % messages], out, dropped)) {
                std::abort();
            }
            sum += out.values.back().value;
        });
    }
    const double values = decode_queues * static_cast<double>(metrics.size());
    const auto row = [values](const char* name, std::size_t bytes, double ns, double floor) {
        std::printf("%-18s %8zu bytes %10.0f ns/message %8.1f ns/value %8.1f M values/s  x %.2f\n", name, bytes, ns, ns / values,
                    values / ns * 1e3, ns / floor);
    };
    row("floor: simdjson", json.front().size(), floor_ns, floor_ns);
    row("decoder: JSON", json.front().size(), json_ns, floor_ns);
    row("decoder: msgpack", packed.front().size(), packed_ns, floor_ns);
    std::printf("{\"floor_ns\":%.0f,\"json_ns\":%.0f,\"msgpack_ns\":%.0f,\"json_ratio\":%.3f,\"check\":%g}\n", floor_ns, json_ns,
                packed_ns, json_ns / floor_ns, sum);
    return 0;
}
