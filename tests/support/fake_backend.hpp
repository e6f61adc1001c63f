// A backend of the API for tests of routing and roles; it records the calls.
#pragma once

#include <mutex>
#include <vector>

#include "io/http/api.hpp"

namespace surged::test {

class FakeBackend final : public ApiBackend {
public:
    ApiResult<std::string> status() override { return text("status"); }
    ApiResult<SharedText> queues(const ListQuery& query) override { return list("queues", query); }
    ApiResult<SharedText> alerts(const ListQuery& query) override { return list(query.all ? "alerts-all" : "alerts", query); }
    ApiResult<SharedText> incidents(const ListQuery& query) override { return list("incidents", query); }
    ApiResult<std::string> incident(const std::string& id) override {
        if (id == "0-404") {
            return tl::unexpected<ApiError>(ApiError{"not_found", "no incident 0-404"});
        }
        return text("incident " + id);
    }
    ApiResult<std::string> report(const std::string& id, const ReportQuery& query) override {
        if (id == "0-404") {
            return tl::unexpected<ApiError>(ApiError{"not_found", "no incident 0-404"});
        }
        return text("report " + id + " " + std::to_string(static_cast<int>(query.form)) + " " +
                    (query.language ? (*query.language == Language::zh ? "zh" : "en") : "-") + " " + query.zone);
    }
    ApiResult<PeriodText> period(const PeriodQuery& query) override {
        if (query.month == "being-made") {
            return PeriodText{false, {}, {}, 42, "history"};
        }
        if (query.month.empty() && query.week.empty() && query.from.empty()) {
            return tl::unexpected<ApiError>(ApiError{"bad_request", "no period"});
        }
        return PeriodText{true, *text("period " + query.from + " " + query.to + " " + query.month + " " + query.week), "2026-10-01-2026-10-31", 100, {}};
    }
    ApiResult<std::string> rosters(std::optional<WallTime> at) override {
        return text("rosters " + (at ? std::to_string(to_ms(*at)) : std::string("now")));
    }
    ApiResult<std::string> duty(std::optional<WallTime> from, Span length) override {
        constexpr std::int64_t day = 24 * 3600 * 1000;
        const auto ms = length.count();
        return text("duty " + (from ? std::to_string(to_ms(*from)) : std::string("now")) + " " +
                    (ms % day == 0 ? std::to_string(ms / day) : std::to_string(ms) + " ms"));
    }
    ApiResult<std::string> past_incidents(const PastQuery& query) override {
        const auto time = [](const std::optional<WallTime>& at) { return at ? std::to_string(to_ms(*at)) : std::string("-"); };
        return text("past " + time(query.from) + " " + time(query.to) + " " + std::to_string(query.limit) + " " + query.next + (query.people ? " people" : ""));
    }
    ApiResult<std::string> overrides() override { return text("overrides"); }
    ApiResult<std::string> silences() override { return text("silences"); }
    ApiResult<LinkFacts> link(const std::string& token) override {
        const std::lock_guard lock(mutex_);
        if (token != "good" && token != "group") {
            return tl::unexpected<ApiError>(ApiError{token == "old" ? "gone" : token == "ended" ? "over" : "not_found", "no such link"});
        }
        LinkFacts facts = link_;
        facts.person = token == "group" ? "" : "zhang";
        return facts;
    }
    std::optional<std::string> person_by(const std::string& id_or_name, const std::string& last4) override {
        if ((id_or_name == "张三" || id_or_name == "zhang") && last4 == "1234") {
            return "zhang";
        }
        return id_or_name == "李四" && last4 == "5678" ? std::optional<std::string>("li") : std::nullopt;
    }

    std::vector<std::string> people_named(const std::string& id_or_name) override {
        if (id_or_name == "张三" || id_or_name == "zhang") {
            return {"zhang"};
        }
        return id_or_name == "李四" ? std::vector<std::string>{"li"} : std::vector<std::string>();
    }
    ApiResult<std::string> explain(const std::string& rule, const QueueKey& queue) override {
        if (rule == "no-such-rule") {
            return tl::unexpected<ApiError>(ApiError{"not_found", "no rule no-such-rule"});
        }
        return text("explain " + rule + " on " + queue.centre + "/" + queue.queue + "/" + queue.channel);
    }
    ApiResult<std::string> history(const HistoryQuery& query) override {
        std::string metrics;
        for (const std::string& metric : query.metrics) {
            metrics += " " + metric;
        }
        return text("history of " + query.queue.centre + "/" + query.queue.queue + "/" + query.queue.channel + metrics + " " +
                    std::to_string(to_ms(query.from)) + " " + std::to_string(to_ms(query.to)) + " " + std::to_string(query.step.count()));
    }
    ApiResult<WindowsFile> windows() override {
        if (windows_.bytes == nullptr) {
            return tl::unexpected<ApiError>(ApiError{"not_found", "no windows have been saved yet"});
        }
        return windows_;
    }
    void lose_windows() { windows_ = {}; }
    void save_windows(std::string bytes, WallTime written) { windows_ = {std::make_shared<const std::string>(std::move(bytes)), written}; }
    ApiResult<CommandReply> command(const Command& command) override {
        const std::lock_guard lock(mutex_);
        commands_.push_back(command);
        if (!error_.code.empty()) {
            return tl::unexpected<ApiError>(error_);
        }
        return reply_;
    }
    ApiResult<std::string> reload() override { return text("reload"); }
    std::string ack_url_base() const override { return ack_url_base_; }
    Stamp now() const override { return Stamp{engine_time(5'000'000) + passed_, wall_time(1'800'000'000'000) + passed_}; }
    bool healthy() const override { return true; }
    bool ready() const override { return ready_; }
    std::optional<OwnerFacts> owner() const override { return owner_; }
    void owns(OwnerFacts facts) { owner_ = std::move(facts); }

    std::vector<Command> commands() const {
        const std::lock_guard lock(mutex_);
        return commands_;
    }
    void show_behind_links(LinkFacts facts) { link_ = std::move(facts); }
    void reached_at(std::string url) { ack_url_base_ = std::move(url); }
    void pass(Span time) { passed_ += time; }
    void answer(CommandReply reply) { reply_ = std::move(reply); }
    void fail_with(ApiError error) { error_ = std::move(error); }
    void set_ready(bool ready) { ready_ = ready; }
    /// Makes every text at least this long, for responses larger than the socket's buffers.
    void pad(std::size_t bytes) { padding_ = bytes; }

private:
    ApiResult<SharedText> list(const std::string& what, const ListQuery& query) const {
        const std::string part = query.limit == 0 ? "" : " limit " + std::to_string(query.limit) + " next " + query.next;
        return std::make_shared<const std::string>(*text(what + part));
    }
    ApiResult<std::string> text(const std::string& what) const {
        return "{\"what\":\"" + what + "\"" + std::string(padding_, ' ') + "}";
    }
    mutable std::mutex mutex_;
    std::vector<Command> commands_;
    CommandReply reply_{true, "seated", "you have a seat", 1, 3};
    ApiError error_;
    LinkFacts link_;
    Span passed_{0};
    std::string ack_url_base_;
    std::optional<OwnerFacts> owner_;
    WindowsFile windows_{std::make_shared<const std::string>("windows"), WallTime{}};
    bool ready_ = true;
    std::size_t padding_ = 0;
};

}  // namespace surged::test
