using Throughline.Verify.Faults;

namespace Throughline.Verify.Tests.Faults;

public sealed class UndoingFaults : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    [Fact]
    public void A_file_is_as_it_was_after_a_run_that_was_cut_off()
    {
        File.WriteAllText(PathOf("settings.json"), "before");
        var journal = UndoJournal.Of(PathOf("home"), 1);
        journal.WillRestore(PathOf("settings.json"));
        File.WriteAllText(PathOf("settings.json"), "broken");
        journal.WillRestore(PathOf("new.json"));
        File.WriteAllText(PathOf("new.json"), "was not there");

        var next = UndoJournal.Of(PathOf("home"), 1); // as the next start finds it
        Assert.Equal(2, next.Count);
        next.UndoAll();
        Assert.Equal("before", File.ReadAllText(PathOf("settings.json")));
        Assert.False(File.Exists(PathOf("new.json")));
        Assert.Equal(0, UndoJournal.Of(PathOf("home"), 1).Count);
    }

    [Fact]
    public void What_is_undone_is_not_undone_again()
    {
        File.WriteAllText(PathOf("a"), "one");
        var journal = UndoJournal.Of(PathOf("home"), 1);
        journal.WillRestore(PathOf("a"));
        journal.UndoAll();
        File.WriteAllText(PathOf("a"), "two");
        UndoJournal.Of(PathOf("home"), 1).UndoAll();
        Assert.Equal("two", File.ReadAllText(PathOf("a")));
    }

    [Fact]
    public void A_half_written_line_undoes_nothing_and_hinders_nothing()
    {
        var journal = UndoJournal.Of(PathOf("home"), 1);
        File.WriteAllText(PathOf("a"), "one");
        journal.WillRestore(PathOf("a"));
        File.WriteAllText(PathOf("a"), "two");
        File.AppendAllText(PathOf("home/undo-1.jsonl"), """{"id":7,"kind":"rem""");
        UndoJournal.Of(PathOf("home"), 1).UndoAll();
        Assert.Equal("one", File.ReadAllText(PathOf("a")));
    }

    [Fact]
    public void Each_stack_undoes_its_own_and_the_next_run_what_any_of_them_left()
    {
        var (first, second) = (UndoJournal.Of(PathOf("home"), 1), UndoJournal.Of(PathOf("home"), 2));
        foreach (var (journal, name) in new[] { (first, "a"), (second, "b"), (first, "c") })
        {
            File.WriteAllText(PathOf(name), "before");
            journal.WillRestore(PathOf(name));
            File.WriteAllText(PathOf(name), "broken");
        }

        second.UndoAll();
        Assert.Equal(("broken", "before", "broken"), (File.ReadAllText(PathOf("a")), File.ReadAllText(PathOf("b")), File.ReadAllText(PathOf("c"))));
        Assert.Equal(2, UndoJournal.Replay(PathOf("home")));
        Assert.Equal(("before", "before"), (File.ReadAllText(PathOf("a")), File.ReadAllText(PathOf("c"))));
        Assert.Equal(0, UndoJournal.Replay(PathOf("home")));
    }

    [Fact]
    public void There_are_forty_faults_of_different_names_and_six_controls_at_least()
    {
        var all = Catalogue.All();
        Assert.Equal(all.Count, all.Select(f => f.Name).Distinct().Count());
        Assert.True(all.Count(f => !f.IsControl) >= 40, $"{all.Count(f => !f.IsControl)} faults");
        Assert.True(all.Count(f => f.IsControl) >= 6);
        Assert.All(all.Where(f => !f.IsControl), f => Assert.Matches(@"^[a-z]+\.[a-z_]+(\|[a-z]+\.[a-z_]+)*$", f.Expected!));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
