namespace Throughline.ServiceDefaults;

/// <summary>Something that only one service has to show of its composition, without running: its migrations, its grains.</summary>
public interface ICompositionProbe
{
    Task<CompositionItem> LookAsync(CancellationToken cancellationToken);
}
