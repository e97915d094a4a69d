namespace Throughline.ServiceDefaults;

/// <summary>Tells that a disk, or somebody's share of it, is full.</summary>
public static class DiskFull
{
    private static readonly int[] Codes = [28, 122, unchecked((int)0x80070070)]; // ENOSPC, EDQUOT, ERROR_DISK_FULL

    public static bool IsMeant(Exception exception) => exception is IOException && Codes.Contains(exception.HResult);
}
