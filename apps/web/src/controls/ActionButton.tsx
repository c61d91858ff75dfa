import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentProps } from 'react';
import { type Role, useRefusal } from '../session/viewer';

type ActionButtonProps = ButtonProps &
  Pick<ComponentProps<'button'>, 'onClick' | 'type' | 'aria-label'> & {
    /** The role that it takes at least. */
    least?: Role;
    /** Why it cannot be pressed, apart from the viewer's role. */
    refusal?: string | null;
  };

/** A button that changes something: for those who may not press it it stays, and says why. */
export function ActionButton({ least, refusal, onClick, type = 'button', ...props }: ActionButtonProps) {
  const why = useRefusal(least) ?? refusal;
  if (!why) return <Button variant="default" type={type} onClick={onClick} {...props} />;
  return (
    <Tooltip label={why}>
      <Button
        variant="default"
        {...props}
        type="button"
        data-disabled
        aria-disabled
        aria-description={why}
        onClick={(event) => event.preventDefault()}
      />
    </Tooltip>
  );
}
