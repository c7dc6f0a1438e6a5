#include "market/auction_price.h"

#include <algorithm>
#include <cstdlib>

namespace okiagari::market {

namespace {

struct Choice {
  PriceTicks lowest;
  PriceTicks highest;
};

// What is bought over what is sold when every limit order is passed: the volume of limits, counted
// from the lowest price up and both sides together, at which demand and supply meet. Both rules
// need only this one number. Demand at p is K + (sells at market) - (buys below p) and supply is
// (sells at market) + (sells up to p), so supply has reached demand where buys below p and sells up
// to p make K.
std::int64_t meeting_volume(const CallCurves& curves) {
  return static_cast<std::int64_t>(curves.limits().buys + curves.markets().buys) -
         static_cast<std::int64_t>(curves.markets().sells);
}

PriceTicks nearest(PriceTicks reference, Choice choice) {
  if (reference == 0) return choice.lowest + (choice.highest - choice.lowest + 1) / 2;
  return std::clamp(reference, choice.lowest, choice.highest);
}

// Of two prices that were named, not one between them; the higher in the exact middle.
PriceTicks nearer_end(PriceTicks reference, Choice choice) {
  if (reference == 0) return choice.highest;
  const std::int64_t to_highest = std::int64_t{choice.highest} - reference;
  const std::int64_t to_lowest = std::int64_t{reference} - choice.lowest;
  return to_highest <= to_lowest ? choice.highest : choice.lowest;
}

AuctionPrice at_price(const CallCurves& curves, PriceTicks price, Choice choice,
                      DecidedBy decided_by) {
  const std::int64_t demand = curves.demand(price);
  const std::int64_t supply = curves.supply(price);
  if (price == 0 || std::min(demand, supply) == 0) return {};
  return {.price = price,
          .volume = static_cast<std::uint64_t>(std::min(demand, supply)),
          .surplus = demand - supply,
          .lowest = choice.lowest,
          .highest = choice.highest,
          .decided_by = decided_by};
}

// Lowest price with supply >= demand of the better-priced, highest with demand >= supply of the
// better-priced: the meeting volume is reached, and passed.
AuctionPrice by_three_conditions(const CallCurves& curves, const PriceRange& range) {
  const std::int64_t meeting = meeting_volume(curves);
  if (meeting < 0) return {};
  Choice choice{range.low, range.high};
  if (meeting > 0) {
    choice.lowest = curves.lowest_reaching(static_cast<std::uint64_t>(meeting), CurveSides::both);
    if (choice.lowest == 0) return {};
  }
  const PriceTicks passed =
      curves.lowest_reaching(static_cast<std::uint64_t>(meeting) + 1, CurveSides::both);
  if (passed != 0) choice.highest = passed;
  const DecidedBy decided_by =
      choice.lowest == choice.highest ? DecidedBy::conditions : DecidedBy::reference;
  return at_price(curves, nearest(range.reference, choice), choice, decided_by);
}

// The two prices on either side of where demand and supply meet, and how far from each of them
// nothing changes. 0: there is no price on that side.
struct Meeting {
  Choice below{};  // demand is greater; the best is below.highest
  Choice above{};  // demand is no greater; the best is above.lowest
};

// The lowest price of all at which supply has reached demand, 0 when it never does.
PriceTicks first_met(const CallCurves& curves, const PriceRange& range) {
  const std::int64_t meeting = meeting_volume(curves);
  if (meeting <= 0) return range.low;
  const PriceTicks at =
      curves.lowest_reaching(static_cast<std::uint64_t>(meeting), CurveSides::both);
  if (at == 0) return 0;
  const auto passed = static_cast<std::int64_t>(curves.below(at + 1).sells + curves.below(at).buys);
  return passed >= meeting ? at : at + 1;
}

Meeting meet_at_ticks(const CallCurves& curves, const PriceRange& range) {
  const PriceTicks lowest = std::max(range.low, curves.lowest_reaching(1, CurveSides::both) - 1);
  const PriceTicks highest =
      std::min(range.high, curves.at_or_below(kMaxPriceTicks, CurveSides::both) + 1);
  PriceTicks met = first_met(curves, range);
  met = met == 0 ? highest + 1 : std::max(met, lowest);
  Meeting meeting;
  if (met <= highest) {
    // Demand holds up to the next buy price, supply below the next sell price.
    const PriceTicks buy = curves.at_or_above(met, CurveSides::buys);
    const PriceTicks sell = curves.at_or_above(met + 1, CurveSides::sells);
    PriceTicks last = highest;
    if (buy != 0) last = std::min(last, buy);
    if (sell != 0) last = std::min(last, sell - 1);
    meeting.above = {met, last};
  }
  if (const PriceTicks before = std::min(met - 1, highest); before >= lowest) {
    const PriceTicks sell = curves.at_or_below(before, CurveSides::sells);
    const PriceTicks buy = curves.at_or_below(before - 1, CurveSides::buys);
    meeting.below = {std::max({lowest, sell, buy + 1}), before};
  }
  return meeting;
}

Meeting meet_at_limits(const CallCurves& curves, const PriceRange& range) {
  const PriceTicks met = first_met(curves, range);
  Meeting meeting;
  if (const PriceTicks at = met == 0 ? 0 : curves.at_or_above(met, CurveSides::both); at != 0) {
    meeting.above = {at, at};
    const PriceTicks next = curves.at_or_above(at + 1, CurveSides::both);
    const bool is_same = next != 0 && curves.at_or_above(at, CurveSides::buys) != at &&
                         curves.at_or_above(next, CurveSides::sells) != next;
    if (is_same) meeting.above.highest = next;
  }
  const PriceTicks before = met == 0 ? kMaxPriceTicks : met - 1;
  if (const PriceTicks at = curves.at_or_below(before, CurveSides::both); at != 0) {
    meeting.below = {at, at};
    const PriceTicks next = at == 1 ? 0 : curves.at_or_below(at - 1, CurveSides::both);
    const bool is_same = next != 0 && curves.at_or_below(at, CurveSides::sells) != at &&
                         curves.at_or_below(next, CurveSides::buys) != next;
    if (is_same) meeting.below.lowest = next;
  }
  return meeting;
}

AuctionPrice by_largest_volume(const PriceRule& rule, const CallCurves& curves,
                               const PriceRange& range) {
  const bool is_by_limits = rule.candidates != PriceRule::Candidates::every_tick;
  if (curves.limits().buys == 0 && curves.limits().sells == 0) {
    return at_price(curves, range.reference, {range.reference, range.reference},
                    DecidedBy::reference);
  }
  const Meeting meeting =
      is_by_limits ? meet_at_limits(curves, range) : meet_at_ticks(curves, range);
  const auto near = is_by_limits ? nearer_end : nearest;
  const PriceTicks below = meeting.below.highest;
  const PriceTicks above = meeting.above.lowest;
  const std::int64_t volume_below = below == 0 ? 0 : curves.supply(below);
  const std::int64_t volume_above = above == 0 ? 0 : curves.demand(above);
  const std::int64_t surplus_below = below == 0 ? 0 : curves.demand(below) - volume_below;
  const std::int64_t surplus_above = above == 0 ? 0 : volume_above - curves.supply(above);

  const bool is_tie = volume_below == volume_above && below != 0 && above != 0;
  if (is_tie && surplus_below == -surplus_above) {
    const Choice choice{below, above};
    return at_price(curves, near(range.reference, choice), choice, DecidedBy::reference);
  }
  const bool is_above = volume_above > volume_below || (is_tie && -surplus_above < surplus_below);
  const DecidedBy first = is_tie ? DecidedBy::surplus : DecidedBy::volume;
  if (!is_above) {
    const Choice choice = meeting.below;
    const bool is_only = choice.lowest == choice.highest;
    return at_price(curves, choice.highest, choice, is_only ? first : DecidedBy::pressure);
  }
  const Choice choice = meeting.above;
  if (choice.lowest == choice.highest) return at_price(curves, choice.lowest, choice, first);
  if (surplus_above < 0) return at_price(curves, choice.lowest, choice, DecidedBy::pressure);
  return at_price(curves, near(range.reference, choice), choice, DecidedBy::reference);
}

// The best of the prices that were named, or the reference when that is better by the same rules.
AuctionPrice or_reference(AuctionPrice price, const CallCurves& curves, const PriceRange& range) {
  const PriceTicks reference = range.reference;
  const bool is_possible =
      price.price != 0 && reference != 0 && range.low <= reference && reference <= range.high;
  if (!is_possible || reference == price.price) return price;
  const std::int64_t demand = curves.demand(reference);
  const std::int64_t supply = curves.supply(reference);
  const auto volume = static_cast<std::uint64_t>(std::min(demand, supply));
  const std::int64_t surplus = demand - supply;
  if (volume < price.volume || std::abs(surplus) > std::abs(price.surplus)) return price;
  const bool is_tie = volume == price.volume && std::abs(surplus) == std::abs(price.surplus);
  const bool is_against_buyers = surplus > 0 && price.surplus > 0 && reference < price.price;
  const bool is_against_sellers = surplus < 0 && price.surplus < 0 && reference > price.price;
  if (is_tie && (is_against_buyers || is_against_sellers)) return price;
  const bool is_pressed = is_tie && surplus != 0 && surplus == price.surplus;
  return {.price = reference,
          .volume = volume,
          .surplus = surplus,
          .lowest = std::min(price.lowest, reference),
          .highest = std::max(price.highest, reference),
          .decided_by = !is_tie      ? DecidedBy::surplus
                        : is_pressed ? DecidedBy::pressure
                                     : DecidedBy::reference};
}

}  // namespace

AuctionPrice find_auction_price(const PriceRule& rule, const CallCurves& curves,
                                const PriceRange& range) {
  if (rule.method == PriceRule::Method::three_conditions) {
    return by_three_conditions(curves, range);
  }
  const AuctionPrice price = by_largest_volume(rule, curves, range);
  return rule.candidates == PriceRule::Candidates::limits_and_reference
             ? or_reference(price, curves, range)
             : price;
}

}  // namespace okiagari::market
