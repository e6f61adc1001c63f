// How many agents are missing and why, who could give some, what is expected next.
#include "boards/board.hpp"

namespace surged {

namespace {

constexpr auto staffing_panels = std::to_array<BoardPanel>({
    {.title = "How many are missing 缺多少人"},
    {.kind = PanelKind::stat,
     .title = "Agents missing 缺员",
     .help = "Over all queues chosen: what Erlang and the backlog ask for, beyond who is there.",
     .unit = "none",
     .width = 5,
     .height = 4,
     .queries = {{{"sum(max without (instance) (surged_shortfall_agents{@queue} @mine)) or vector(0)"}}},
     .steps = {{{0, "green"}, {1, "orange"}, {5, "red"}}}},
    {.kind = PanelKind::stat,
     .title = "Agents needed 需要坐席",
     .help = "To keep the targets and clear the backlog.",
     .unit = "none",
     .width = 5,
     .height = 4,
     .queries = {{{"sum(max without (instance) (surged_required_agents{@queue} @mine))"}}},
     .steps = {{{0, "blue"}}}},
    {.kind = PanelKind::stat,
     .title = "Agents productive 在岗坐席",
     .help = "Who takes calls or is ready to.",
     .unit = "none",
     .width = 5,
     .height = 4,
     .queries = {{{"sum(max without (instance) (surged_productive_agents{@queue} @mine))"}}},
     .steps = {{{0, "blue"}}}},
    {.kind = PanelKind::stat,
     .title = "Agents to give 可调剂坐席",
     .help = "What queues could give while keeping their own targets.",
     .unit = "none",
     .width = 5,
     .height = 4,
     .queries = {{{"sum(max without (instance) (surged_slack_agents{@queue} @mine))"}}},
     .steps = {{{0, "blue"}}}},
    {.kind = PanelKind::stat,
     .title = "Queues still learning 学习中队列",
     .help = "Queues of which a baseline rule has too little history to judge.",
     .unit = "none",
     .width = 4,
     .height = 4,
     .queries = {{{"sum(max without (instance) (surged_rule_learning{@me})) or vector(0)"}}},
     .steps = {{{0, "blue"}}}},
    {.kind = PanelKind::table,
     .title = "Queues by agents missing 缺员最多的队列",
     .help = "The 25 queues that miss most now; a click on a queue opens it in surged's console.",
     .unit = "none",
     .width = 12,
     .height = 9,
     .queries = {{{"topk(25, max by (centre, queue) (surged_shortfall_agents{@queue} @mine))", "missing 缺员"},
                  {"max by (centre, queue) (surged_required_agents{@queue} and on (centre, queue) topk(25, max by (centre, "
                   "queue) (surged_shortfall_agents{@queue} @mine)))",
                   "needed 需要"},
                  {"max by (centre, queue) (surged_productive_agents{@queue} and on (centre, queue) topk(25, max by (centre, "
                   "queue) (surged_shortfall_agents{@queue} @mine)))",
                   "productive 在岗"},
                  {"max by (centre, queue) (surged_expected_wait_seconds{@queue} and on (centre, queue) topk(25, max by "
                   "(centre, queue) (surged_shortfall_agents{@queue} @mine)))",
                   "expected wait 预计等待", "s"}}},
     .link = PanelLink::queue,
     .keys = "queue,centre",
     .sort_by = "missing 缺员"},
    {.kind = PanelKind::table,
     .title = "Who could give agents 哪里可调剂",
     .help = "The 25 queues with most agents to spare now.",
     .unit = "none",
     .width = 12,
     .height = 9,
     .queries = {{{"topk(25, max by (centre, queue) (surged_slack_agents{@queue} @mine))", "to give 可调剂"},
                  {"max by (centre, queue) (surged_productive_agents{@queue} and on (centre, queue) topk(25, max by (centre, "
                   "queue) (surged_slack_agents{@queue} @mine)))",
                   "productive 在岗"}}},
     .link = PanelLink::queue,
     .keys = "queue,centre",
     .sort_by = "to give 可调剂"},
    {.kind = PanelKind::curve,
     .title = "Agents missing by queue 各队列缺员",
     .help = "The ten queues that missed most in the time shown.",
     .unit = "none",
     .queries = {{{"max by (centre, queue) (surged_shortfall_agents{@queue} and on (centre, queue) topk(10, max by (centre, "
                   "queue) (max_over_time(surged_shortfall_agents{@queue}[$__range] @ end()) @then)))",
                   "{{centre}} {{queue}}"}}},
     .link = PanelLink::queue},
    {.kind = PanelKind::curve,
     .title = "Needed and productive 需要与在岗",
     .help = "By centre, of the groups chosen. Made by the recording rules.",
     .unit = "none",
     .queries = {{{"sum by (centre) (max without (instance) (centre_group:surged_required_agents:sum{@centre, "
                   "group=~\"$group\"}))",
                   "{{centre}} needed 需要"},
                  {"sum by (centre) (max without (instance) (centre_group:surged_productive_agents:sum{@centre, "
                   "group=~\"$group\"}))",
                   "{{centre}} productive 在岗"}}}},
    {.kind = PanelKind::curve,
     .title = "Why agents are missing 缺员原因",
     .help =
         "Queues by cause: more calls, longer calls, fewer agents, or callers waiting beside free agents. Nothing is shown while "
         "nobody is missing; a cause is named once a quarter of an hour of calm was seen to compare with, or a plan of agents is "
         "fed.",
     .unit = "none",
     .queries = {{{"sum by (cause) (max without (instance) (surged_shortfall_cause{@queue} @mine))", "{{cause}}"}}},
     .stacked = true},
    {.kind = PanelKind::curve,
     .title = "Agents to give by centre 各分中心可调剂",
     .help = "While other centres are short, this is where help can come from. Of the groups chosen, made by the recording rules.",
     .unit = "none",
     .width = 12,
     .queries = {{{"sum by (centre) (max without (instance) (centre_group:surged_slack_agents:sum{@centre, group=~\"$group\"}))",
                   "{{centre}}"}}}},
    {.kind = PanelKind::curve,
     .title = "Expected wait 预计等待",
     .help = "Of a call that arrives now: the ten queues with the longest in the time shown.",
     .unit = "s",
     .width = 12,
     .queries = {{{"max by (centre, queue) (surged_expected_wait_seconds{@queue} and on (centre, queue) topk(10, max by "
                   "(centre, queue) (max_over_time(surged_expected_wait_seconds{@queue}[$__range] @ end()) @then)))",
                   "{{centre}} {{queue}}"}}},
     .link = PanelLink::queue},
    {.title = "What is expected 预测"},
    {.kind = PanelKind::curve,
     .title = "Offered and expected calls a minute 呼入与预测",
     .help = "What comes in beside what the learned profile expects now, at today's level: the five queues that have a profile "
             "and were "
             "busiest in the time shown.",
     .unit = "none",
     .width = 12,
     .height = 9,
     .queries = {{{"sum by (centre, queue) (max without (instance) "
                   "(rate(surged_queue_offered_total{@queue,channel=\"voice\"}[$__rate_interval]) and on (centre, queue) "
                   "topk(5, max by (centre, queue) (max_over_time(surged_forecast_offered{@queue}[$__range] @ end()) "
                   "@then)))) * 60",
                   "{{centre}} {{queue}} offered 呼入"},
                  {"max by (centre, queue) (surged_forecast_offered{@queue} / surged_forecast_slot_seconds{@queue} and on "
                   "(centre, queue) topk(5, max by (centre, queue) (max_over_time(surged_forecast_offered{@queue}[$__range] @ "
                   "end()) @then))) * 60",
                   "{{centre}} {{queue}} expected 预测"}}},
     .link = PanelLink::queue},
    {.kind = PanelKind::curve,
     .title = "Offered against expected 呼入/预测",
     .help = "1 = as expected; 2 = twice as many. The five queues that have a profile and were busiest in the time shown.",
     .unit = "none",
     .width = 12,
     .height = 9,
     .queries = {{{"sum by (centre, queue) (max without (instance) "
                   "(rate(surged_queue_offered_total{@queue,channel=\"voice\"}[$__rate_interval]) and on (centre, queue) "
                   "topk(5, max by (centre, queue) (max_over_time(surged_forecast_offered{@queue}[$__range] @ end()) "
                   "@then)))) / (max by (centre, queue) (surged_forecast_offered{@queue} / "
                   "surged_forecast_slot_seconds{@queue}) > 0)",
                   "{{centre}} {{queue}}"}}},
     .link = PanelLink::queue},
});

}  // namespace

const Board& staffing_board() {
    static constexpr Board board{"surge_staffing.json",
                                 "surge-staffing",
                                 "Surge staffing 缺员与预测",
                                 "How many agents are missing, why, who could give some, and what is expected next.",
                                 true,
                                 staffing_panels};
    return board;
}

}  // namespace surged
