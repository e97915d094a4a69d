namespace Throughline.Verify.Tests.Graph;

public sealed class TheBuiltInGraph
{
    private readonly ProofGraph _graph = GraphFile.BuiltIn();

    [Fact]
    public void Every_assertion_covers_a_step_and_belongs_to_a_declared_check()
    {
        var assertions = CheckList.All().SelectMany(p => p.Assertions).ToList();
        Assert.Equal(assertions.Count, assertions.Select(a => a.Id).Distinct().Count());
        Assert.All(assertions, a => Assert.True(_graph.Steps.Any(s => s.IsCoveredBy(a.Id)), a.Id));
        Assert.Equal(_graph.Checks.Select(c => c.Id).Order(), assertions.Select(a => a.Check).Distinct().Order());
    }

    [Fact]
    public void Every_pattern_names_an_assertion_that_exists()
    {
        var ids = CheckList.All().SelectMany(p => p.Assertions).Select(a => a.Id).ToList();
        Assert.All(_graph.Steps.SelectMany(s => s.Covered.Concat(s.Gate)), pattern => Assert.True(ids.Exists(id => PathStep.Matches(pattern, id)), pattern));
    }

    [Fact]
    public void The_path_runs_from_start_up_to_delivery() => Assert.Equal(
        ["Service Startup", "User Signup", "User Login", "JWT Generation", "WebSocket Connect", "Agent Pipeline", "Response Delivery"], _graph.Steps.Select(s => s.Name));

    [Fact]
    public void Two_hundred_thousand_need_the_first_four_steps_and_the_rest_all_seven()
    {
        Assert.Equal(597_000m, _graph.Revenue.Streams.Sum(s => decimal.Parse(s.Monthly, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(_graph.Steps.Take(4).Select(s => s.Id), _graph.Revenue.Streams.Single(s => s.Monthly == "200000.00").Needs);
        Assert.Equal(_graph.Steps.Select(s => s.Id), _graph.Revenue.Streams.Single(s => s.Monthly == "397000.00").Needs);
    }

    [Fact]
    public void A_socket_that_cannot_connect_exposes_the_live_stream_alone()
    {
        var findings = _graph.Steps.Select(s => new Finding(s.Gate[0], "journey", "It holds", s.Id == "socket" ? Verdict.Failed : Verdict.Passed, null, null, null, [], null, null)).ToList();
        var money = Exposure.Of(_graph, StepStatuses.Of(_graph, findings), new Grouping().Explain(_graph, findings), _graph.Revenue.Reviewed);
        Assert.Equal((200_000m, 397_000m, 0m), (money.Protected, money.AtRisk, money.Unverified));
    }

    [Fact]
    public void Members_of_the_operators_file_replace_the_built_in_ones()
    {
        var state = Directory.CreateTempSubdirectory();
        Directory.CreateDirectory(Path.Combine(state.FullName, "settings"));
        File.WriteAllText(Path.Combine(state.FullName, "settings", GraphFile.Name), """
            { "revenue": { "currency": "EUR", "owner": "Maya", "reviewed": "2026-11-01", "streams": [{ "id": "all", "name": "All", "monthly": "12.34", "needs": ["delivery"], "owner": "Maya" }] },
              "messages": { "free": 7, "early": 70 } }
            """);
        var graph = GraphFile.Load(state.FullName);
        state.Delete(recursive: true);
        Assert.Equal(("EUR", "12.34", 7), (graph.Revenue.Currency, graph.Revenue.Streams.Single().Monthly, graph.Steps.Count));
        Assert.Equal([7, 70, 100, 200], graph.Messages.Ascending);
    }

    [Theory]
    [InlineData("""{ "revenue": { "currency": "USD", "owner": "x", "reviewed": "2026-11-01", "streams": [{ "id": "a", "name": "A", "monthly": "1.234", "needs": [], "owner": "x" }] } }""", "dollars and cents")]
    [InlineData("""{ "checks": [{ "number": 1, "id": "startup", "name": "x", "needs": ["nowhere"] }] }""", "nowhere")]
    [InlineData("""{ "services": [{ "id": "a", "needs": ["a"] }] }""", "needs itself")]
    [InlineData("""{ "messages": { "free": 0 } }""", "do not grow from free to enterprise")]
    [InlineData("""{ "messages": { "free": 50 } }""", "do not grow from free to enterprise")]
    [InlineData("""{ "messages": { "enterprise": 99 } }""", "do not grow from free to enterprise")]
    public void A_file_that_contradicts_itself_is_refused_in_words(string json, string says)
    {
        var whole = System.Text.Json.Nodes.JsonNode.Parse(Resources.Text("graph.json"))!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject()) whole[name] = value?.DeepClone();
        Assert.Contains(says, Assert.Throws<GraphException>(() => GraphFile.Parse(whole.ToJsonString(), "it")).Message, StringComparison.Ordinal);
    }
}
