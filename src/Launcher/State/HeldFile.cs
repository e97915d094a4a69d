namespace Throughline.Launcher.State;

/// <summary>Tells a file that another process has locked from one that cannot be opened for any other reason.</summary>
internal static class HeldFile
{
    /// <summary>EWOULDBLOCK of Linux and of BSD, and ERROR_SHARING_VIOLATION of Windows.</summary>
    private static readonly int[] Codes = [11, 35, unchecked((int)0x80070020)];

    public static bool IsMeant(IOException e) => Codes.Contains(e.HResult);
}
