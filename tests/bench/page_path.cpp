#include "page_path.hpp"

#include <cctype>
#include <cstdio>
#include <random>
#include <thread>

#include "child.hpp"
#include "config_text.hpp"
#include "socket.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

class MessagePath final : public PagePath {
public:
    MessagePath(std::string key, std::string name, const std::string& endpoint)
        : key_(std::move(key)), name_(std::move(name)), socket_(endpoint) {}
    std::string key() const override { return key_; }
    std::string name() const override { return name_; }
    void calm(const std::string& token) override { send(token, 12); }
    void breach(const std::string& token) override { send(token, 5000); }

private:
    void send(const std::string& token, int waiting) {
        ++seq_;
        char text[640];
        const int size = std::snprintf(
            text, sizeof(text),
            R"({"v":1,"source":"acd-page-1","epoch":1,"seq":%d,"ts":%lld,"queues":[{"centre":"%s","queue":"general","m":{"calls_waiting":%d,"oldest_wait_s":33.5,)"
            R"("offered":%d,"answered":%d,"abandoned":17,"agents_staffed":30,"agents_available":0,"agents_on_call":28,"timeouts":4,"talk_s_sum":98765}}]})",
            seq_, static_cast<long long>(wall_ms()), token.c_str(), waiting, 100000 + seq_, 99000 + seq_);
        if (!socket_.send({text, static_cast<std::size_t>(size)})) {
            give_up(name_ + " does not take messages");
        }
    }
    std::string key_;
    std::string name_;
    PushSocket socket_;
    int seq_ = 0;
};

}  // namespace

std::string token_name(int number) {
    char text[16];
    std::snprintf(text, sizeof(text), "tk%06d", number);
    return text;
}

PageSink::PageSink() {
    sink_.script([this](const test::SinkRequest& request) {
        note(request);
        return test::SinkAnswer{};
    });
}

void PageSink::note(const test::SinkRequest& request) {
    const std::string text = request.target + "\n" + request.body;
    const std::lock_guard hold(lock_);
    for (auto at = text.find("tk"); at != std::string::npos; at = text.find("tk", at + 2)) {
        const std::string token = text.substr(at, 8);
        if (token.size() == 8 && std::isdigit(static_cast<unsigned char>(token[2])) != 0 &&
            std::isdigit(static_cast<unsigned char>(token[7])) != 0) {
            seen_.emplace(token, request.first_byte);
        }
    }
    changed_.notify_all();
}

double PageSink::wait(const std::string& token, Clock::time_point breach, std::chrono::milliseconds within) {
    std::unique_lock hold(lock_);
    const bool came = changed_.wait_until(hold, Clock::now() + within, [&] { return seen_.count(token) != 0; });
    return came ? std::chrono::duration<double>(seen_.at(token) - breach).count() : -1.0;
}

std::unique_ptr<PagePath> make_message_path(const std::string& key, const std::string& name, const std::string& endpoint) {
    return std::make_unique<MessagePath>(key, name, endpoint);
}

PageFloor::PageFloor(const std::string& folder, const std::string& url) {
    Child::Options options;
    options.argv = {own_path(), "page-floor", folder + "/floor.db", url};
    options.pipe = true;
    child_ = std::make_unique<Child>(options);
    endpoint_ = child_->read_line(10s);
    if (endpoint_.empty()) {
        give_up("the floor of page did not start");
    }
}

PageFloor::~PageFloor() = default;

std::string page_config(const std::string& url) {
    return channel_text("sink", url) + person_text("lead-01", "sink") +
           policy_text("page", 1, "lead-01", {{{"lead-01"}, "24h"}}) + breach_rule_text("page", "page");
}

PageTimes time_pages(PageSink& sink, const std::vector<PagePath*>& paths, const PagePlan& plan) {
    std::mt19937 random(11);
    PageTimes out{std::vector<std::vector<double>>(paths.size()), std::vector<int>(paths.size()), plan.first_token};
    const auto pause = [&] {
        std::this_thread::sleep_for(plan.quiet +
                                    std::chrono::microseconds{random() % static_cast<unsigned>(plan.quiet.count() + 1)});
    };
    for (int i = 0; i < plan.iterations; ++i) {
        for (std::size_t p = 0; p < paths.size(); ++p) {
            const std::string token = token_name(out.next_token++);
            paths[p]->calm(token);
            pause();
            const auto breach = Clock::now();
            paths[p]->breach(token);
            const double took = sink.wait(token, breach, plan.within);
            took >= 0 ? out.of[p].push_back(took) : static_cast<void>(++out.lost[p]);
            pause();
        }
    }
    return out;
}

}  // namespace surged::bench
