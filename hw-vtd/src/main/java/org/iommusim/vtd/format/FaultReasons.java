package org.iommusim.vtd.format;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.Walk;
import org.iommusim.vtd.spec.FaultReason;

/**
 * Which fault reason a failed walk has.
 *
 * <p>Choices where the sources leave more than one reading: 0x79 is a nested access that the second stage refuses (of a second
 * stage alone it is 0x85 or 0x86); 0x84 is an output of the first stage that is too wide for the second; a first entry of the
 * second stage that cannot be read is 0x78 like any other, so that 0x7b does not happen.
 */
public final class FaultReasons {
    private FaultReasons() {}

    /**
     * The reason.
     *
     * @param walk a walk that failed
     * @param access bits of {@link Access} that it was asked for
     */
    public static int of(TranslationConfig config, Walk walk, int access) {
        if (!config.scalable) {
            return legacy(walk, access);
        }
        return walk.faultStage() == 1 ? first(walk, access) : second(walk, access);
    }

    private static int legacy(Walk walk, int access) {
        return switch (walk.fault()) {
            case INPUT_RANGE -> FaultReason.BEYOND_MGAW;
            case EXTERNAL_ABORT -> FaultReason.SS_ACCESS;
            case RESERVED_BIT -> FaultReason.SS_RESERVED;
            default -> (refused(walk, access) & Access.WRITE) != 0 ? FaultReason.NO_WRITE : FaultReason.NO_READ;
        };
    }

    private static int first(Walk walk, int access) {
        return switch (walk.fault()) {
            case INPUT_RANGE -> FaultReason.FS_NOT_CANONICAL;
            case TRANSLATION -> FaultReason.FS_NOT_PRESENT;
            case RESERVED_BIT -> FaultReason.FS_RESERVED;
            case EXTERNAL_ABORT -> {
                if (walk.updateAborted()) {
                    yield FaultReason.FS_UPDATE;
                }
                yield isFirstTable(walk) ? FaultReason.FSPTPTR_ACCESS : FaultReason.FS_ACCESS;
            }
            default -> permission(refused(walk, access));
        };
    }

    private static int second(Walk walk, int access) {
        return switch (walk.fault()) {
            case INPUT_RANGE -> beyond(walk);
            case RESERVED_BIT -> FaultReason.SM_SS_RESERVED;
            case EXTERNAL_ABORT -> walk.updateAborted() ? FaultReason.SS_UPDATE : FaultReason.SM_SS_ACCESS;
            default -> secondPermission(walk, access);
        };
    }

    private static int beyond(Walk walk) {
        if (!walk.stage1().enabled()) {
            return FaultReason.SM_BEYOND_MGAW;
        }
        return walk.faultOnTable() ? FaultReason.FS_BEYOND_MGAW : FaultReason.SM_SS_RANGE;
    }

    private static int secondPermission(Walk walk, int access) {
        if (!walk.stage1().enabled()) {
            return permission(refused(walk, access));
        }
        if (!walk.faultOnTable()) {
            return FaultReason.SM_SS_PERMISSION;
        }
        if (walk.faultOnUpdate()) {
            return FaultReason.FS_SS_WRITE;
        }
        return isFirstTable(walk) ? FaultReason.FSPTPTR_SS : FaultReason.FS_SS_READ;
    }

    private static int permission(int refused) {
        if ((refused & Access.PRIVILEGED) != 0) {
            return FaultReason.FS_PRIVILEGE;
        }
        if ((refused & Access.WRITE) != 0) {
            return FaultReason.SM_NO_WRITE;
        }
        boolean onlyExecution = (refused & (Access.READ | Access.EXECUTE)) == Access.EXECUTE;
        return onlyExecution ? FaultReason.SM_NO_EXECUTE : FaultReason.SM_NO_READ;
    }

    private static int refused(Walk walk, int access) {
        return walk.refused() != 0 ? walk.refused() : access & (Access.READ | Access.WRITE);
    }

    private static boolean isFirstTable(Walk walk) {
        return walk.stage1Level() == walk.stage1().startLevel;
    }
}
