// From a breach to the first byte of the webhook request: the ways that lead there, and the sink that sees them arrive.
//
// Every page has a token of its own (a centre's or host's name), which the sink finds in whatever a way sends. The clock is one
// and the same: the breach is stamped before it leaves this process, the first byte when the kernel hands it to this process.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "measure.hpp"
#include "support/http_sink.hpp"

namespace surged::bench {

/// "tk000042": six digits, so that a sink can find it in any text.
std::string token_name(int number);

class PageSink {
public:
    PageSink();
    std::string url(const std::string& path) const { return sink_.url(path); }
    int port() const { return sink_.port(); }
    /// Seconds from `breach` to the first byte of the first request that names the token; negative when none came within
    /// `within`.
    double wait(const std::string& token, Clock::time_point breach, std::chrono::milliseconds within);

private:
    void note(const test::SinkRequest& request);
    std::mutex lock_;
    std::condition_variable changed_;
    std::map<std::string, Clock::time_point> seen_;
    test::HttpSink sink_;  // last: its threads end before what they use
};

/// One way from a breach to a page.
class PagePath {
public:
    virtual ~PagePath() = default;
    virtual std::string key() const = 0;
    virtual std::string name() const = 0;
    /// The token's queue exists and is well.
    virtual void calm(const std::string& token) = 0;
    /// The breach leaves this process at the moment of the call.
    virtual void breach(const std::string& token) = 0;
};

/// Anything that takes messages of the wire protocol at a PULL socket: surged, or the floor.
std::unique_ptr<PagePath> make_message_path(const std::string& key, const std::string& name, const std::string& endpoint);

/// The floor as a process of its own: receive, decode, compare, one SQLite transaction (WAL, synchronous=FULL), POST on a kept
/// connection.
class PageFloor {
public:
    PageFloor(const std::string& folder, const std::string& url);
    ~PageFloor();
    const std::string& endpoint() const { return endpoint_; }

private:
    std::unique_ptr<class Child> child_;
    std::string endpoint_;
};

/// What surged needs to page the sink: one channel, one person, one policy, one rule on queues whose centre is a token.
std::string page_config(const std::string& url);

/// Breaches go round the paths in turn; a moment of quiet between two.
struct PagePlan {
    int first_token = 0;
    int iterations = 100;
    std::chrono::milliseconds within{5000};
    std::chrono::microseconds quiet{5000};  ///< and up to as much again, by chance
};
/// Latencies in seconds by path, and the next free token. Pages that did not come are left out and counted in `lost`.
struct PageTimes {
    std::vector<std::vector<double>> of;
    std::vector<int> lost;
    int next_token = 0;
};
PageTimes time_pages(PageSink& sink, const std::vector<PagePath*>& paths, const PagePlan& plan);

}  // namespace surged::bench
