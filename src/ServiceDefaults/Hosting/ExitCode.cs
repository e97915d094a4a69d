namespace Throughline.ServiceDefaults;

/// <summary>What a process of Throughline ends with; the same numbers for services and launcher.</summary>
public static class ExitCode
{
    public const int Stopped = 0;
    public const int Other = 1;
    public const int Configuration = 2;
    public const int SigningMismatch = 3;
    public const int Store = 4;
    public const int Port = 5;
    public const int MissingDependency = 6;
}
