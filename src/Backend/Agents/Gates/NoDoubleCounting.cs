using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>The actions of a plan change disjoint rows, their sum is the stated total, and the total does not exceed the spend.</summary>
internal static class NoDoubleCounting
{
    public static GateResult Judge(GateInput input)
    {
        var plan = input.Draft.Plan;
        for (var i = 0; i < plan.Count; i++)
        {
            for (var j = i + 1; j < plan.Count; j++)
            {
                var (a, b) = (plan[i].Rows, plan[j].Rows);
                var disjoint = (a.Feature is not null && b.Feature is not null && a.Feature != b.Feature)
                    || (a.Model is not null && b.Model is not null && a.Model != b.Model) || (a.User is not null && b.User is not null && a.User != b.User);
                if (!disjoint) return new GateResult("no double counting", false, $"{plan[i].Id} and {plan[j].Id} change the same rows.");
            }
        }

        var sum = plan.Sum(action => input.Facts.Draft(action.SavingKey).Value);
        if (!input.Facts.Has("plan.total") || input.Facts.Draft("plan.total").Value != sum)
            return new GateResult("no double counting", false, "The total is not the sum of the savings.");
        if (input.Facts.Has("spend.total") && sum > input.Facts.Draft("spend.total").Value)
            return new GateResult("no double counting", false, "The plan saves more than was spent.");
        return new GateResult("no double counting", true, "No dollar is counted twice.");
    }
}
