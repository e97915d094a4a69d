namespace Throughline.Analysis.Import;

/// <summary>The database knows a file, and its imported rows are not where they were put.</summary>
public static class MissingRows
{
    /// <summary>In words; what reads logs goes by them.</summary>
    private const string Sentence = "The imported rows of a file are gone.";

    public static FileNotFoundException At(string path) => new(Sentence, path);

    public static FileNotFoundException Because(Exception inner) => new(Sentence, inner);
}
