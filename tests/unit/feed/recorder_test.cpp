#include "feed/recorder.hpp"

#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "feed/simulator.hpp"
#include "support/catch.hpp"
#include "wire/encode_message.hpp"

using namespace surged;
using namespace std::chrono_literals;

TEST_CASE("recorder: what was written is read back, byte for byte", "[unit]") {
    Simulator simulator(*parse_scenario(scenario_quickstart()), source_time(1772409600000));
    std::ostringstream out;
    Recorder recorder(out);
    for (Span t = 1s; t <= 2min; t += 1s) {
        simulator.run_until(t);
        simulator.messages("sim", 1, [&](const Message& m) { REQUIRE(recorder.write(m)); });
    }
    std::istringstream in(out.str());
    std::ostringstream again;
    const auto report = message_lines(in, [&](const Message& m) {
        again << encode_json(m) << "\n";
        return true;
    });

    CHECK(recorder.written() == 240);
    CHECK(report.messages == 240);
    CHECK(report.refused_lines == 0);
    CHECK(again.str() == out.str());
}

TEST_CASE("recorder: bad lines cost themselves and are told by number", "[unit]") {
    const std::string good = R"({"v":1,"source":"s","seq":1,"ts":1000,"queues":[{"centre":"c","queue":"q","m":{"offered":1}}]})";
    std::istringstream in("# a comment\n" + good + "\n\n{broken\n" + good + "\n{\"v\":2}\n" + good);
    const auto report = message_lines(in, [](const Message&) { return true; });

    CHECK(report.messages == 3);
    CHECK(report.refused_lines == 2);
    REQUIRE(report.first_refusals.size() == 2);
    CHECK(report.first_refusals[0].first == 4);
    CHECK(report.first_refusals[1].first == 6);
}

TEST_CASE("recorder: a line over the limit is refused, one at the limit is read", "[unit]") {
    const std::string good = R"({"v":1,"source":"s","seq":1,"ts":1000,"queues":[{"centre":"c","queue":"q","m":{"offered":1}}]})";
    IngestLimits limits;
    limits.message_bytes = good.size();
    std::istringstream fits(good + "\n");
    CHECK(message_lines(
              fits, [](const Message&) { return true; }, limits)
              .messages == 1);
    std::istringstream over(good + " \n");
    CHECK(message_lines(
              over, [](const Message&) { return true; }, limits)
              .refused_lines == 1);
}

TEST_CASE("recorder: the reader stops when told", "[unit]") {
    const std::string good = R"({"v":1,"source":"s","seq":1,"ts":1000,"queues":[{"centre":"c","queue":"q","m":{"offered":1}}]})";
    std::istringstream in(good + "\n" + good + "\n" + good + "\n");
    int count = 0;
    message_lines(in, [&](const Message&) { return ++count < 2; });
    CHECK(count == 2);
}

TEST_CASE("recorder: a full disk is noticed", "[unit]") {
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    Recorder recorder(out);
    CHECK_FALSE(recorder.write(Message{}));
    CHECK(recorder.written() == 0);
}

namespace {
/// A pipe whose writer is slow: each read finds one line.
class SlowPipe : public std::streambuf {
public:
    explicit SlowPipe(std::vector<std::string> lines) : lines_(std::move(lines)) {}
    std::size_t asked() const { return asked_; }

protected:
    int_type underflow() override {
        if (asked_ == lines_.size()) {
            return traits_type::eof();
        }
        auto& line = lines_[asked_++];
        setg(line.data(), line.data(), line.data() + line.size());
        return traits_type::to_int_type(line.front());
    }

private:
    std::vector<std::string> lines_;
    std::size_t asked_ = 0;
};
}  // namespace

TEST_CASE("recorder: a line of a slow pipe is handed over before the next one is waited for", "[unit]") {
    const auto line = [](int seq) {
        return R"({"v":1,"source":"s","seq":)" + std::to_string(seq) + R"(,"ts":1772409600000,"queues":[{"centre":"c","queue":"q","m":{"calls_waiting":1}}]})" + "\n";
    };
    SlowPipe pipe({line(1), line(2), line(3)});
    std::istream in(&pipe);
    std::vector<std::size_t> asked;

    const auto report = message_lines(in, [&](const Message&) {
        asked.push_back(pipe.asked());
        return true;
    });

    CHECK(report.messages == 3);
    CHECK(asked == std::vector<std::size_t>{1, 2, 3});
}
